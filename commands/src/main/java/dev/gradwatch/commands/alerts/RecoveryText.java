package dev.gradwatch.commands.alerts;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.alert.Recovery;
import dev.gradwatch.detection.alert.Recovery.Action;

/** How training goes on after a fault, as a sentence. */
final class RecoveryText {

    private RecoveryText() {}

    /** What to do and why, such as "start again: nothing was learned that is worth keeping"; {@code null} when it is not known. */
    static String of(Recovery recovery) {
        String what = switch (recovery.action()) {
            case CONTINUE -> "continue with the weights as they are";
            case GO_BACK_TO_STEP -> "go back to a checkpoint at or before step " + recovery.step();
            case GO_BACK_TO_EPOCH -> "go back to the checkpoint of epoch " + NumberText.number(recovery.epoch());
            case START_AGAIN -> "start again";
            case UNKNOWN -> null;
        };
        String why = why(recovery.reason());
        return what == null || why == null ? what : what + ": " + why;
    }

    /** The same with the places that the alert names beside it; empty when nothing is known at all. */
    static String inFull(Alert alert) {
        Recovery recovery = alert.recovery();
        String text = of(recovery);
        StringBuilder all = new StringBuilder(text == null ? "" : text);
        if (alert.lastHealthyStep() != null
                && recovery.action() != Action.GO_BACK_TO_STEP
                && alert.state() != AlertState.RESOLVED) {
            add(all, (text == null ? "" : "else ") + "a checkpoint at or before step " + alert.lastHealthyStep());
        }
        if (alert.bestEpoch() != null && recovery.action() != Action.GO_BACK_TO_EPOCH) {
            add(all, "best epoch so far: " + NumberText.number(alert.bestEpoch()));
        }
        return all.toString();
    }

    private static void add(StringBuilder text, String more) {
        text.append(text.isEmpty() ? "" : "; ").append(more);
    }

    private static String why(Recovery.Reason reason) {
        return switch (reason) {
            case RECOVERED -> "the run recovered by itself";
            case WEIGHTS_UNHARMED -> "the fault leaves the weights as they are";
            case MAY_PASS -> "single steps stood out, and most runs go on from there";
            case OUTSIDE_THE_MODEL -> "the fault is one of the machine, the network or the process, not of the weights";
            case LEARNED_BEFORE_FAULT -> "the run had learned until there, and the fault damaged the weights after it";
            case LOWEST_LOSS -> "the training loss was lowest there";
            case BEST_VALIDATION_LOSS -> "the validation loss was lowest there";
            case FAULT_AT_START -> "the fault showed in the first steps, so there is nothing to go back to";
            case NOTHING_LEARNED -> "nothing was learned that is worth keeping";
            case NOTHING_LEARNED_SINCE_RESUMED ->
                "nothing was learned since the checkpoint that the attempt began from";
            case NOT_ENOUGH_KNOWN -> null;
        };
    }
}

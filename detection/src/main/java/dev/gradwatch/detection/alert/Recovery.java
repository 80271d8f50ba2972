package dev.gradwatch.detection.alert;

import java.util.Locale;

/**
 * How training goes on after a fault, as facts: programs and people read the same field.
 *
 * @param step a checkpoint of this step or an earlier one is sound; {@code null} unless the action is {@link Action#GO_BACK_TO_STEP}
 * @param epoch the epoch whose checkpoint to take; {@code null} unless the action is {@link Action#GO_BACK_TO_EPOCH}
 * @param reason why this and nothing else
 */
public record Recovery(Action action, Long step, Double epoch, Reason reason) {

    /** What to do with the run's weights. */
    public enum Action {
        /** Go on with the weights as they are. */
        CONTINUE,
        /** Load the newest checkpoint of the step or before it. */
        GO_BACK_TO_STEP,
        /** Load the checkpoint of the epoch. */
        GO_BACK_TO_EPOCH,
        /** No weights of this attempt are worth keeping. */
        START_AGAIN,
        /** Too little is known to say. */
        UNKNOWN;

        /** The same in kebab-case, as in JSON: {@code go-back-to-step}. */
        public String code() {
            return kebab(this);
        }
    }

    /** Why. The set is part of the public contract and may grow. */
    public enum Reason {
        /** The alert ended because the run recovered by itself. */
        RECOVERED,
        /** The fault leaves the weights as they are, and something was learned. */
        WEIGHTS_UNHARMED,
        /** Single steps stand out; most runs go on from there. */
        MAY_PASS,
        /** The fault is one of the machine, the network or the process. */
        OUTSIDE_THE_MODEL,
        /** The run had learned until the step or epoch, and the fault damaged the weights after it. */
        LEARNED_BEFORE_FAULT,
        /** The smoothed training loss was lowest at the step. */
        LOWEST_LOSS,
        /** The validation loss was lowest at the epoch. */
        BEST_VALIDATION_LOSS,
        /** The fault showed within the first steps of the attempt. */
        FAULT_AT_START,
        /** Too little was learned for a checkpoint to be worth anything. */
        NOTHING_LEARNED,
        /** The attempt began from a checkpoint and has learned nothing since. */
        NOTHING_LEARNED_SINCE_RESUMED,
        /** The run did not publish what would tell. */
        NOT_ENOUGH_KNOWN;

        /** The same in kebab-case, as in JSON: {@code nothing-learned}. */
        public String code() {
            return kebab(this);
        }
    }

    /** Nothing is known. */
    public static final Recovery UNKNOWN = new Recovery(Action.UNKNOWN, null, null, Reason.NOT_ENOUGH_KNOWN);

    /** @throws IllegalArgumentException when a place is missing, or there is one that the action has no use for */
    public Recovery {
        if ((step != null) != (action == Action.GO_BACK_TO_STEP)
                || (epoch != null) != (action == Action.GO_BACK_TO_EPOCH)) {
            throw new IllegalArgumentException(
                    "a recovery to " + action.code() + " with step " + step + " and epoch " + epoch);
        }
    }

    public static Recovery goOn(Reason reason) {
        return new Recovery(Action.CONTINUE, null, null, reason);
    }

    public static Recovery goBackTo(long step, Reason reason) {
        return new Recovery(Action.GO_BACK_TO_STEP, step, null, reason);
    }

    public static Recovery goBackToEpoch(double epoch, Reason reason) {
        return new Recovery(Action.GO_BACK_TO_EPOCH, null, epoch, reason);
    }

    public static Recovery startAgain(Reason reason) {
        return new Recovery(Action.START_AGAIN, null, null, reason);
    }

    private static String kebab(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

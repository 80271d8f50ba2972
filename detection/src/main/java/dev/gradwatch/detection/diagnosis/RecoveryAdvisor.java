package dev.gradwatch.detection.diagnosis;

import dev.gradwatch.detection.alert.Recovery;
import dev.gradwatch.detection.alert.Recovery.Action;
import dev.gradwatch.detection.alert.Recovery.Reason;
import dev.gradwatch.detection.detector.FaultEffect;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.RunState;

/** Says how training goes on after a fault, from what the fault does to weights and what the run had learned. Stateless. */
public final class RecoveryAdvisor {

    /** Share of the start loss that must be gained before a checkpoint is worth anything: less is within the noise of a start. */
    private static final double WORTH_KEEPING = 0.05;

    /** The same where the loss stands now, of runs whose weights hardly move: the best of many noisy levels would claim more. */
    private static final double CLEARLY_LEARNED = 0.3;

    /** A fault within this many steps leaves nothing to go back to: no run has learned or saved anything by then. */
    private static final int FIRST_STEPS = 20;

    /**
     * How training goes on now.
     *
     * @param named the step to go back to that the alert named before, or {@code null}; once named it stays
     */
    public Recovery advise(RunState run, FaultEffect effect, Long named) {
        return switch (effect.kind()) {
            case OUTSIDE_THE_MODEL -> Recovery.goOn(Reason.OUTSIDE_THE_MODEL);
            case OF_THE_MEASUREMENT -> Recovery.goOn(Reason.WEIGHTS_UNHARMED);
            case MAY_PASS -> Recovery.goOn(Reason.MAY_PASS);
            case DAMAGES_WEIGHTS -> afterDamage(run, effect, named);
            case DAMAGES_WEIGHTS_WITH_THE_LOSS ->
                isLossFinite(run) ? Recovery.goOn(Reason.MAY_PASS) : afterDamage(run, effect, named);
            case HINDERS_LEARNING -> afterHindrance(run);
            case WRONG_FROM_THE_START ->
                run.loss().size() > 0 && run.learned() >= WORTH_KEEPING
                        ? Recovery.goOn(Reason.WEIGHTS_UNHARMED)
                        : Recovery.startAgain(Reason.FAULT_AT_START);
            case SPOILS_GENERALIZATION -> toBestEpoch(run);
            case NEVER_GENERALIZES -> Recovery.startAgain(Reason.NOTHING_LEARNED);
            case UNKNOWN -> Recovery.UNKNOWN;
        };
    }

    /** The step of a sound checkpoint, also for a fault that may pass without it; {@code null} where the recovery names no step. */
    public Long lastHealthyStep(RunState run, FaultEffect effect, Recovery recovery, Long named) {
        if (recovery.action() == Action.GO_BACK_TO_STEP) {
            return recovery.step();
        }
        boolean mayBeNeeded = recovery.reason() == Reason.MAY_PASS;
        return mayBeNeeded ? soundStep(run, effect, named) : null;
    }

    private static Recovery afterDamage(RunState run, FaultEffect effect, Long named) {
        Long step = soundStep(run, effect, named);
        if (step != null) {
            return run.progress().stepsSinceStart(step) < FIRST_STEPS
                    ? Recovery.startAgain(Reason.FAULT_AT_START)
                    : Recovery.goBackTo(step, effect.soundBecause());
        }
        if (run.loss().size() > 0 && run.learned() < WORTH_KEEPING) {
            return nothingLearned(run);
        }
        if (!Double.isNaN(run.validation().bestEpoch())) {
            return toBestEpoch(run);
        }
        Double epoch = run.progress().lastHealthyEpoch();
        return epoch == null || run.loss().size() == 0
                ? Recovery.UNKNOWN
                : Recovery.goBackToEpoch(epoch, Reason.LEARNED_BEFORE_FAULT);
    }

    private static Recovery afterHindrance(RunState run) {
        if (run.loss().size() == 0) {
            return Recovery.UNKNOWN;
        }
        double gained =
                (run.loss().start() - run.loss().level()) / Math.abs(run.loss().start());
        return gained >= CLEARLY_LEARNED ? Recovery.goOn(Reason.WEIGHTS_UNHARMED) : nothingLearned(run);
    }

    /** What this attempt has is worth nothing, but the checkpoint that it began from may be. */
    private static Recovery nothingLearned(RunState run) {
        RunStarted registration = run.registration();
        if (registration == null || !registration.resumed()) {
            return Recovery.startAgain(Reason.NOTHING_LEARNED);
        }
        Long first = run.progress().firstStep();
        return first == null
                ? Recovery.startAgain(Reason.NOTHING_LEARNED_SINCE_RESUMED)
                : Recovery.goBackTo(first, Reason.NOTHING_LEARNED_SINCE_RESUMED);
    }

    private static Recovery toBestEpoch(RunState run) {
        double epoch = run.validation().bestEpoch();
        return Double.isNaN(epoch) ? Recovery.UNKNOWN : Recovery.goBackToEpoch(epoch, Reason.BEST_VALIDATION_LOSS);
    }

    private static Long soundStep(RunState run, FaultEffect effect, Long named) {
        if (named != null) {
            return named;
        }
        return run.learned() < WORTH_KEEPING ? null : effect.lastSoundStep().apply(run);
    }

    private static boolean isLossFinite(RunState run) {
        Double loss = run.progress().lastTrainLoss();
        return loss != null && Double.isFinite(loss);
    }
}

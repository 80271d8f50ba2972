package dev.gradwatch.detection.detector;

import dev.gradwatch.detection.alert.Recovery.Reason;
import dev.gradwatch.detection.state.RunState;
import java.util.function.Function;

/**
 * What a detector's fault does to the weights of a run. It decides how training goes on after it, and whether the run still counts as healthy
 * while its alert is open.
 *
 * @param lastSoundStep the newest step whose weights the fault has not touched, {@code null} where none is known
 * @param soundBecause why that step is the one to go back to
 * @param stopsLearning the network is dead: another fault of the run whose own sign disappears meanwhile is not mended
 */
public record FaultEffect(
        Kind kind, Function<RunState, Long> lastSoundStep, Reason soundBecause, boolean stopsLearning) {

    /** Kinds of effect. */
    public enum Kind {
        /** Weights are lost; an earlier checkpoint is needed. */
        DAMAGES_WEIGHTS,
        /** A norm or a loss is not finite: weights are lost with the loss, and unharmed while only single gradients overflow. */
        DAMAGES_WEIGHTS_WITH_THE_LOSS,
        /** Single steps stand out; most runs go on. */
        MAY_PASS,
        /** The run learns little or nothing, and its weights stay as they are. */
        HINDERS_LEARNING,
        /** Something was wrong before the first step. */
        WRONG_FROM_THE_START,
        /** The model has grown worse on data that it does not train on. */
        SPOILS_GENERALIZATION,
        /** What is learned never carried over to other data. */
        NEVER_GENERALIZES,
        /** Validation and training measure different things; the weights are as good as they were. */
        OF_THE_MEASUREMENT,
        /** A fault of the machine, the network or the process. */
        OUTSIDE_THE_MODEL,
        /** Nothing can be said of the weights. */
        UNKNOWN
    }

    /** An effect of which nothing more is to be said than its kind. */
    public static FaultEffect of(Kind kind) {
        return new FaultEffect(kind, state -> state.progress().lastHealthyStep(), Reason.LEARNED_BEFORE_FAULT, false);
    }

    /** The same, with a step of its own to go back to. */
    public FaultEffect goingBackTo(Function<RunState, Long> step, Reason because) {
        return new FaultEffect(kind, step, because, stopsLearning);
    }

    /** The same, of a network that is dead from then on. */
    public FaultEffect stoppingToLearn() {
        return new FaultEffect(kind, lastSoundStep, soundBecause, true);
    }

    /** Whether it concerns the weights or what they learn, so that the run is not healthy while it lasts. */
    public boolean isOfLearning() {
        return switch (kind) {
            case DAMAGES_WEIGHTS, DAMAGES_WEIGHTS_WITH_THE_LOSS, MAY_PASS, HINDERS_LEARNING -> true;
            case WRONG_FROM_THE_START,
                    SPOILS_GENERALIZATION,
                    NEVER_GENERALIZES,
                    OF_THE_MEASUREMENT,
                    OUTSIDE_THE_MODEL,
                    UNKNOWN -> false;
        };
    }
}

package dev.gradwatch.detection.state;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.StepNorms;
import java.util.List;

/**
 * What is new since the last look: the event and what it brought. Made anew for every event by {@link RunState}, reused to allocate nothing;
 * valid only while detectors examine it.
 */
public final class Observation {

    private StepNorms step;
    private EpochCompleted epoch;
    private RunEvent other;
    boolean trainLossArrived;
    boolean trainBlockCompleted;
    boolean normArrived;
    boolean validationLossArrived;
    boolean epochLossArrived;
    boolean stepTimesCompleted;
    double trainLoss;
    double norm;
    long silentMillis;

    void start(StepNorms newStep, EpochCompleted newEpoch, RunEvent otherEvent) {
        step = newStep;
        epoch = newEpoch;
        other = otherEvent;
        trainLossArrived = false;
        trainBlockCompleted = false;
        normArrived = false;
        validationLossArrived = false;
        epochLossArrived = false;
        stepTimesCompleted = false;
        trainLoss = Double.NaN;
        norm = Double.NaN;
        silentMillis = -1;
    }

    /** The step that was just heard of, or {@code null}. */
    public StepNorms step() {
        return step;
    }

    /** The epoch that was just heard of, or {@code null}. */
    public EpochCompleted epoch() {
        return epoch;
    }

    /** Any other event that was just heard of, or {@code null}. */
    public RunEvent other() {
        return other;
    }

    /** Whether a step or an epoch was heard of: the run trains. */
    public boolean isTraining() {
        return step != null || epoch != null;
    }

    /** The layers of the step; empty when there is none. */
    public List<LayerNorms> layers() {
        return step == null ? List.of() : step.layers();
    }

    /** Whether a finite value was added to the training loss curve. */
    public boolean trainLossArrived() {
        return trainLossArrived;
    }

    /** Whether that completed a block: time to look at trends. */
    public boolean trainBlockCompleted() {
        return trainBlockCompleted;
    }

    /** The value that was added to the training loss curve. */
    public double trainLoss() {
        return trainLoss;
    }

    /** Whether a finite global gradient norm arrived. */
    public boolean normArrived() {
        return normArrived;
    }

    public double norm() {
        return norm;
    }

    /** Whether a finite validation loss arrived. */
    public boolean validationLossArrived() {
        return validationLossArrived;
    }

    /** Whether a training loss was added to the curve of epochs. */
    public boolean epochLossArrived() {
        return epochLossArrived;
    }

    /** Whether a window of step times is complete. */
    public boolean stepTimesCompleted() {
        return stepTimesCompleted;
    }

    /** How long the run has been silent, in milliseconds; negative unless this is a tick of the clock. */
    public long silentMillis() {
        return silentMillis;
    }
}

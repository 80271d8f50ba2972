package dev.gradwatch.app.recorded;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunEvent;

/** Where an attempt began and how far it came, in steps and in epochs; NaN where nothing was said yet. */
public final class AttemptBounds {

    private double firstStep = Double.NaN;
    private double firstEpoch = Double.NaN;
    private double lastStep = Double.NaN;
    private double lastEvaluationStep = Double.NaN;
    private double lastEpoch = Double.NaN;

    /** Of a run that has not said anything. */
    public AttemptBounds() {}

    /** As {@link #numbers()} gave them. */
    public static AttemptBounds of(double[] numbers) {
        AttemptBounds bounds = new AttemptBounds();
        bounds.firstStep = numbers[0];
        bounds.firstEpoch = numbers[1];
        bounds.lastStep = numbers[2];
        bounds.lastEvaluationStep = numbers[3];
        bounds.lastEpoch = numbers[4];
        return bounds;
    }

    /** To be kept and given to {@link #of}. */
    public double[] numbers() {
        return new double[] {firstStep, firstEpoch, lastStep, lastEvaluationStep, lastEpoch};
    }

    /** Takes in an event; whether it begins a new attempt. */
    boolean passes(RunEvent event, boolean stated) {
        boolean back = stated;
        if (event instanceof GradientNorms norms) {
            double step = norms.steps().get(0).step();
            back |= step < lastStep;
            restartIf(back);
            firstStep = Double.isNaN(firstStep) ? step : firstStep;
            lastStep = norms.steps().get(norms.steps().size() - 1).step();
        } else if (event instanceof EpochCompleted epoch) {
            double step = epoch.step() == null ? Double.NaN : epoch.step();
            double at = epoch.epoch() == null ? Double.NaN : epoch.epoch();
            back |= Double.isNaN(step) ? at < lastEpoch : step < lastEvaluationStep;
            restartIf(back);
            firstEpoch = Double.isNaN(firstEpoch) ? at : firstEpoch;
            lastEvaluationStep = Double.isNaN(step) ? lastEvaluationStep : step;
            lastEpoch = Double.isNaN(at) ? lastEpoch : at;
        } else {
            restartIf(back);
        }
        return back;
    }

    /** Whether an event lies behind everything that was said. */
    boolean isBehind(RunEvent event) {
        if (event instanceof GradientNorms norms) {
            return norms.steps().get(0).step() > lastStep;
        }
        return false;
    }

    /** Whether an attempt that begins with this event goes on from a checkpoint, as it begins after the run's own beginning. */
    boolean isResumed(RunEvent event) {
        if (event instanceof GradientNorms norms) {
            return norms.steps().get(0).step() > firstStep;
        }
        return event instanceof EpochCompleted epoch && epoch.epoch() != null && epoch.epoch() > firstEpoch;
    }

    void restart() {
        lastStep = Double.NaN;
        lastEvaluationStep = Double.NaN;
        lastEpoch = Double.NaN;
    }

    private void restartIf(boolean back) {
        if (back) {
            restart();
        }
    }
}

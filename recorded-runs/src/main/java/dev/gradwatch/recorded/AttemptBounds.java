package dev.gradwatch.recorded;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunEvent;
import java.util.List;

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
    public static AttemptBounds of(List<Double> numbers) {
        AttemptBounds bounds = new AttemptBounds();
        bounds.firstStep = numbers.get(0);
        bounds.firstEpoch = numbers.get(1);
        bounds.lastStep = numbers.get(2);
        bounds.lastEvaluationStep = numbers.get(3);
        bounds.lastEpoch = numbers.get(4);
        return bounds;
    }

    /** To be kept and given to {@link #of}. */
    public List<Double> numbers() {
        return List.of(firstStep, firstEpoch, lastStep, lastEvaluationStep, lastEpoch);
    }

    /** Takes in an event; whether it begins a new attempt. */
    public boolean passes(RunEvent event, boolean stated) {
        boolean back = stated || isBack(event);
        restartIf(back);
        if (event instanceof GradientNorms norms) {
            double step = norms.steps().get(0).step();
            firstStep = Double.isNaN(firstStep) ? step : firstStep;
            lastStep = norms.steps().get(norms.steps().size() - 1).step();
        } else if (event instanceof EpochCompleted epoch) {
            double step = epoch.step() == null ? Double.NaN : epoch.step();
            double at = epoch.epoch() == null ? Double.NaN : epoch.epoch();
            firstEpoch = Double.isNaN(firstEpoch) ? at : firstEpoch;
            lastEvaluationStep = Double.isNaN(step) ? lastEvaluationStep : step;
            lastEpoch = Double.isNaN(at) ? lastEpoch : at;
        }
        return back;
    }

    /** Whether an event lies before what was said last. */
    public boolean isBack(RunEvent event) {
        if (event instanceof GradientNorms norms) {
            return norms.steps().get(0).step() < lastStep;
        }
        if (event instanceof EpochCompleted epoch) {
            return epoch.step() == null
                    ? epoch.epoch() != null && epoch.epoch() < lastEpoch
                    : epoch.step() < lastEvaluationStep;
        }
        return false;
    }

    /** Whether an event is a step behind all that were said. */
    public boolean isBehind(RunEvent event) {
        return event instanceof GradientNorms norms && norms.steps().get(0).step() > lastStep;
    }

    /** Whether an attempt that begins with this event goes on from a checkpoint, as it begins after the run's own beginning. */
    public boolean isResumed(RunEvent event) {
        if (event instanceof GradientNorms norms) {
            return norms.steps().get(0).step() > firstStep;
        }
        return event instanceof EpochCompleted epoch && epoch.epoch() != null && epoch.epoch() > firstEpoch;
    }

    public void restart() {
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

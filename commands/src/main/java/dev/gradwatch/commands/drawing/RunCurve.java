package dev.gradwatch.commands.drawing;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.StepNorms;

/** What is drawn of a run, gathered record by record in a bounded space. */
public final class RunCurve {

    private final TrainingProgress course = new TrainingProgress();
    private final Envelope stepLosses = new Envelope();
    private final Envelope epochLosses = new Envelope();
    private final Envelope validation = new Envelope();

    /** Begins an attempt; the first needs no call. */
    public void turn() {
        course.turn();
    }

    public void add(RunEvent event) {
        if (event instanceof GradientNorms norms) {
            for (StepNorms step : norms.steps()) {
                course.pass(step.step(), step.epoch());
                add(stepLosses, step.loss());
            }
        } else if (event instanceof EpochCompleted epoch) {
            course.pass(epoch.step(), epoch.epoch());
            add(epochLosses, epoch.trainLoss());
            add(validation, epoch.validationLoss());
        }
    }

    public TrainingProgress course() {
        return course;
    }

    /** The training loss, step by step where the run tells it so. */
    Envelope training() {
        return stepLosses.size() > 1 || epochLosses.size() == 0 ? stepLosses : epochLosses;
    }

    /** The validation loss. */
    Envelope validation() {
        return validation;
    }

    private void add(Envelope curve, Double value) {
        if (value != null) {
            curve.add(course.place(), value);
        }
    }
}

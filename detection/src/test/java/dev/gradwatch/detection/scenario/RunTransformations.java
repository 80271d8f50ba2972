package dev.gradwatch.detection.scenario;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.StepNorms;
import java.util.ArrayList;
import java.util.List;

/** The same run, told differently. */
public final class RunTransformations {

    private RunTransformations() {}

    /** Every loss times {@code factor}. */
    public static List<RunRecord> scaled(List<RunRecord> records, double factor) {
        List<RunRecord> scaled = new ArrayList<>();
        for (RunRecord record : records) {
            scaled.add(new RunRecord(
                    record.runId(), record.attempt(), record.timeMillis(), scaled(record.event(), factor)));
        }
        return scaled;
    }

    private static RunEvent scaled(RunEvent event, double factor) {
        if (event instanceof EpochCompleted e) {
            return new EpochCompleted(
                    e.epoch(),
                    e.step(),
                    times(e.trainLoss(), factor),
                    times(e.validationLoss(), factor),
                    e.trainAccuracy(),
                    e.validationAccuracy(),
                    e.learningRate(),
                    e.gradientNorm(),
                    e.metrics());
        }
        if (event instanceof GradientNorms norms) {
            return new GradientNorms(
                    norms.steps().stream().map(step -> scaled(step, factor)).toList());
        }
        return event;
    }

    private static StepNorms scaled(StepNorms s, double factor) {
        return new StepNorms(
                s.step(),
                s.epoch(),
                s.timeMillis(),
                times(s.loss(), factor),
                s.gradientNorm(),
                s.learningRate(),
                s.layers());
    }

    private static Double times(Double value, double factor) {
        return value == null ? null : (Double) (value * factor);
    }

    /** Steps gathered into records of {@code size}, each step keeping its own time; other events where they were. */
    public static List<RunRecord> batched(List<RunRecord> records, int size) {
        List<RunRecord> batched = new ArrayList<>();
        List<StepNorms> steps = new ArrayList<>();
        RunRecord last = null;
        for (RunRecord record : records) {
            if (record.event() instanceof GradientNorms norms && (last == null || last.attempt() == record.attempt())) {
                for (StepNorms s : norms.steps()) {
                    steps.add(new StepNorms(
                            s.step(),
                            s.epoch(),
                            record.timeMillis(),
                            s.loss(),
                            s.gradientNorm(),
                            s.learningRate(),
                            s.layers()));
                }
                last = record;
                if (steps.size() >= size) {
                    flush(batched, steps, last);
                }
            } else {
                flush(batched, steps, last);
                batched.add(record);
                last = null;
            }
        }
        flush(batched, steps, last);
        return batched;
    }

    private static void flush(List<RunRecord> into, List<StepNorms> steps, RunRecord last) {
        if (!steps.isEmpty()) {
            into.add(new RunRecord(last.runId(), last.attempt(), last.timeMillis(), new GradientNorms(steps)));
            steps.clear();
        }
    }
}

package dev.gradwatch.sandbox.fleet;

import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.StepNorms;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Joins the steps of one run into fewer records, as a publisher should: for at most half a second, at once when a step looks wrong, and
 * always before anything else that the run says. Owned by one thread.
 */
final class StepBatches implements Consumer<RunRecord> {

    private static final long LONGEST_MILLIS = 500;
    /** A loss or norm that grows this much from the largest of the last batch is worth a record of its own. */
    private static final double SUDDEN = 3;

    private final Consumer<RunRecord> records;
    private final List<StepNorms> waiting = new ArrayList<>();
    private RunRecord last;
    private double usualLoss = Double.POSITIVE_INFINITY;
    private double usualNorm = Double.POSITIVE_INFINITY;

    StepBatches(Consumer<RunRecord> records) {
        this.records = records;
    }

    @Override
    public void accept(RunRecord said) {
        if (!(said.event() instanceof GradientNorms norms)) {
            flush();
            records.accept(said);
            return;
        }
        waiting.addAll(norms.steps());
        last = said;
        if (norms.steps().stream().anyMatch(this::looksWrong)
                || said.timeMillis() - waiting.get(0).timeMillis() >= LONGEST_MILLIS) {
            flush();
        }
    }

    void flush() {
        if (waiting.isEmpty()) {
            return;
        }
        records.accept(new RunRecord(last.runId(), last.attempt(), last.timeMillis(), new GradientNorms(waiting)));
        usualLoss = waiting.stream().mapToDouble(StepNorms::loss).max().orElseThrow();
        usualNorm = waiting.stream().mapToDouble(StepNorms::gradientNorm).max().orElseThrow();
        waiting.clear();
    }

    private boolean looksWrong(StepNorms step) {
        return !Double.isFinite(step.loss())
                || !Double.isFinite(step.gradientNorm())
                || step.gradientNorm() == 0
                || step.loss() > SUDDEN * usualLoss
                || step.gradientNorm() > SUDDEN * usualNorm;
    }
}

package dev.gradwatch.detection.scenario;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.detection.event.Tick;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes down what a run says, record after record: steps and epochs count up, and a second passes between two records. */
public final class RunLog {

    /** When every run of the tests begins. */
    public static final long BEGIN_MILLIS = 1_700_000_000_000L;

    private final String runId;
    private final List<RunRecord> records = new ArrayList<>();
    private int attempt = 1;
    private long timeMillis = BEGIN_MILLIS;
    private long step;
    private double epoch;

    private RunLog(String runId) {
        this.runId = runId;
    }

    public static RunLog of(String runId) {
        return new RunLog(runId);
    }

    /** A registration. */
    public RunLog started(RunStarted started) {
        return add(started);
    }

    /** The next step, with a loss and a global norm; {@code null} for what it does not say. */
    public RunLog step(Double loss, Double norm) {
        return step(loss, norm, null, List.of());
    }

    /** The next step with all that a step may say. */
    public RunLog step(Double loss, Double norm, Double rate, List<LayerNorms> layers) {
        return add(new GradientNorms(List.of(stepNorms(loss, norm, rate, layers))));
    }

    private StepNorms stepNorms(Double loss, Double norm, Double rate, List<LayerNorms> layers) {
        return new StepNorms(step++, epoch == 0 ? null : (Double) epoch, null, loss, norm, rate, layers);
    }

    /** The next epoch with its two losses. */
    public RunLog epoch(Double trainLoss, Double validationLoss) {
        return epoch(trainLoss, validationLoss, null, null, null);
    }

    /** The next epoch with all that an epoch may say. */
    public RunLog epoch(Double trainLoss, Double validationLoss, Double trainAccuracy, Double accuracy, Double rate) {
        epoch++;
        return add(new EpochCompleted(
                epoch,
                step == 0 ? null : (Long) (step - 1),
                trainLoss,
                validationLoss,
                trainAccuracy,
                accuracy,
                rate,
                null,
                Map.of()));
    }

    /** The end of the attempt. */
    public RunLog finished() {
        return add(new RunFinished(RunFinished.Outcome.COMPLETED, null));
    }

    /** The watcher's clock after a silence. */
    public RunLog silence(long seconds) {
        timeMillis += 1000 * seconds;
        return addNow(new Tick(1000 * seconds));
    }

    /** The next attempt begins; steps and epochs count from {@code fromStep} and {@code fromEpoch} again. */
    public RunLog attempt(long fromStep, double fromEpoch) {
        attempt++;
        step = fromStep;
        epoch = fromEpoch;
        return this;
    }

    /** Steps and epochs go on from here: a gap, or a log that names only every so many steps. */
    public RunLog at(long nextStep, double reachedEpoch) {
        step = nextStep;
        epoch = reachedEpoch;
        return this;
    }

    /** Time passes without a record. */
    public RunLog after(long seconds) {
        timeMillis += 1000 * seconds;
        return this;
    }

    /** Any event, a second later. */
    public RunLog add(RunEvent event) {
        timeMillis += 1000;
        return addNow(event);
    }

    private RunLog addNow(RunEvent event) {
        records.add(new RunRecord(runId, attempt, timeMillis, event));
        return this;
    }

    /** The step that comes next. */
    public long nextStep() {
        return step;
    }

    public List<RunRecord> records() {
        return List.copyOf(records);
    }
}

package dev.gradwatch.detection;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.detector.DetectorSettings;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.state.RunState;
import java.util.function.Consumer;

/**
 * The core: (state, record) in, (state, alerts) out. It has no clock, no randomness, no logging and no input or output; for one sequence
 * of records it always says the same. Not thread-safe; one instance may watch any number of runs from one thread.
 */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString", "UnusedVariable"})
public final class RunWatch {

    /** Watches with the standard catalogue and the given parameters. */
    public RunWatch(DetectorSettings settings) {}

    /** Starts the state of a run that was never heard of. */
    public RunState newRun(String runId) {
        throw new UnsupportedOperationException(runId);
    }

    /**
     * Applies one record to its run and hands every change of an alert to {@code alerts}, in order.
     *
     * @return what became of the record
     */
    public Applied apply(RunState run, RunRecord record, Consumer<Alert> alerts) {
        throw new UnsupportedOperationException(record.toString());
    }

    /** Milliseconds of silence after which {@link dev.gradwatch.detection.event.Tick} has something new to say; {@link Long#MAX_VALUE}: never. */
    public long silenceLimitMillis(RunState run) {
        throw new UnsupportedOperationException(run.toString());
    }

    /** What is known of the run now. */
    public RunSnapshot snapshot(RunState run) {
        throw new UnsupportedOperationException(run.toString());
    }
}

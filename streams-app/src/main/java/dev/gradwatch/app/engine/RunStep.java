package dev.gradwatch.app.engine;

import dev.gradwatch.app.engine.state.LiveRun;
import dev.gradwatch.app.engine.state.RunStateStore;
import dev.gradwatch.app.engine.state.StoredRun;
import dev.gradwatch.app.engine.state.UnreadableStateException;
import dev.gradwatch.app.engine.state.WatchedRun;
import dev.gradwatch.detection.ApplyResult;
import dev.gradwatch.detection.Refusal;
import dev.gradwatch.detection.RunSnapshot;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.Tick;
import dev.gradwatch.detection.state.AlertHistory;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.wire.DeadLetterCause;
import dev.gradwatch.wire.RegistryRejectedException;
import dev.gradwatch.wire.RegistryUnavailableException;
import dev.gradwatch.wire.SchemaNotFoundException;
import java.util.ArrayList;
import java.util.List;

/**
 * Applies one record to its run, all or nothing: state and every output are made before anything is told to anyone, and when that fails the
 * state is made again without the record. So one record that meets a fault of the core costs this record and nothing else, and the alerts
 * do not depend on when it happened to be committed. One for each task, owned by its thread.
 */
@SuppressWarnings("ArrayRecordComponent") // Its results are passed on once and never compared.
final class RunStep {

    /** Smaller input cannot make a state outgrow a record, because a state is bounded. */
    private static final int LARGE_INPUT_BYTES = 16 << 10;

    private final RunWatch core;
    private final RunStateStore store;
    private final OutputRecords outputs;
    private final int largestRecordBytes;
    private final long statusIntervalMillis;

    /**
     * What came of a record.
     *
     * @param changes of alerts, in order
     * @param snapshot {@code null} when nobody needed one
     * @param status the run's new status as bytes, or {@code null}
     * @param silenceLimitMillis after how much silence there is something to say
     * @param coreNanos time taken by the core
     * @param heldBack alerts that were not opened, because the attempt has opened as many as it may
     */
    record Result(
            ApplyResult applied,
            List<Change> changes,
            RunSnapshot snapshot,
            byte[] status,
            long silenceLimitMillis,
            long coreNanos,
            long heldBack) {}

    /**
     * What ended when a run was forgotten.
     *
     * @param snapshot {@code null} when the run was not known
     */
    record Closed(List<Change> changes, RunSnapshot snapshot) {}

    /** An alert's change, with the bytes to publish. */
    record Change(Alert alert, byte[] bytes) {}

    RunStep(
            RunWatch core,
            RunStateStore store,
            OutputRecords outputs,
            int largestRecordBytes,
            long statusIntervalMillis) {
        this.core = core;
        this.store = store;
        this.outputs = outputs;
        this.largestRecordBytes = largestRecordBytes;
        this.statusIntervalMillis = statusIntervalMillis;
    }

    /**
     * @param inputBytes size of what the record was read from
     * @param watched what is known of the run without its state
     */
    Result apply(RunRecord record, int inputBytes, WatchedRun watched, long now) throws StepFailedException {
        LiveRun known = find(record.runId());
        LiveRun run = known;
        try {
            if (run == null) {
                run = new LiveRun(record.runId(), core.newRun(record.runId()), now);
            }
            Refusal refusal = core.refusal(run.state(), record);
            if (refusal != null) {
                throw refused(refusal);
            }
            Result result = applyTo(run, record, watched, now);
            boolean mayOutgrow = record.event() instanceof RunStarted || inputBytes > LARGE_INPUT_BYTES;
            if (mayOutgrow && StoredRun.encode(run).length > largestRecordBytes) {
                throw new OutputTooLargeException(
                        "the run's state would be larger than " + largestRecordBytes + " bytes");
            }
            if (known == null) {
                store.add(run);
            }
            store.applied(run, record, record.event() instanceof Tick ? run.heardMillis() : now);
            return result;
        } catch (RegistryUnavailableException | RegistryRejectedException | SchemaNotFoundException e) {
            // Of the registry, not of the record: the thread starts over at the last commit.
            throw e;
        } catch (RuntimeException e) {
            if (known != null) {
                makeAgain(known);
            }
            boolean tooLarge = e instanceof OutputTooLargeException;
            throw new StepFailedException(
                    tooLarge ? DeadLetterCause.OUTPUT_TOO_LARGE : DeadLetterCause.PROCESSING_FAILED,
                    tooLarge ? e.getMessage() : "the detection core failed: " + e,
                    e);
        }
    }

    private static StepFailedException refused(Refusal refusal) {
        DeadLetterCause cause = switch (refusal.kind()) {
            case ATTEMPT_TOO_FAR -> DeadLetterCause.ATTEMPT_TOO_FAR;
            case OTHER_PUBLISHER -> DeadLetterCause.OTHER_PUBLISHER;
        };
        return new StepFailedException(cause, refusal.message(), null);
    }

    /** What is known of a run now. */
    RunSnapshot snapshot(String runId) throws StepFailedException {
        LiveRun run = find(runId);
        if (run == null) {
            throw new StepFailedException(
                    DeadLetterCause.PROCESSING_FAILED, "run " + runId + " is watched but has no state", null);
        }
        return core.snapshot(run.state());
    }

    /**
     * Ends what is open of a run that is forgotten, so that no alert stays open for ever.
     *
     * @return the ends, and the run as it was
     */
    Closed close(String runId, long timeMillis) throws StepFailedException {
        LiveRun run = find(runId);
        if (run == null) {
            return new Closed(List.of(), null);
        }
        RunSnapshot snapshot = core.snapshot(run.state());
        List<Alert> alerts = new ArrayList<>(0);
        core.close(run.state(), timeMillis, alerts::add);
        return new Closed(changes(alerts, snapshot), snapshot);
    }

    private LiveRun find(String runId) throws StepFailedException {
        try {
            return store.find(runId);
        } catch (UnreadableStateException e) {
            throw new StepFailedException(DeadLetterCause.PROCESSING_FAILED, e.getMessage(), e);
        }
    }

    private Result applyTo(LiveRun run, RunRecord record, WatchedRun watched, long now) {
        List<Alert> alerts = new ArrayList<>(0);
        long heldBack = heldBack(run);
        long start = System.nanoTime();
        ApplyResult applied = core.apply(run.state(), record, alerts::add);
        long nanos = System.nanoTime() - start;

        boolean due = watched.statusIsDue(record.timeMillis(), now, statusIntervalMillis);
        RunSnapshot snapshot = null;
        byte[] status = null;
        if (due || !alerts.isEmpty() || watched.mayHaveTurned(record)) {
            snapshot = core.snapshot(run.state());
            if (due || !alerts.isEmpty() || watched.hasTurned(snapshot)) {
                status = outputs.status(snapshot);
            }
        }
        return new Result(
                applied,
                changes(alerts, snapshot),
                snapshot,
                status,
                core.silenceLimitMillis(run.state()),
                nanos,
                heldBack(run) - heldBack);
    }

    private List<Change> changes(List<Alert> alerts, RunSnapshot snapshot) {
        List<Change> changes = new ArrayList<>(alerts.size());
        for (Alert alert : alerts) {
            changes.add(new Change(alert, outputs.alert(alert, snapshot.registration())));
        }
        return changes;
    }

    private static long heldBack(LiveRun run) {
        AlertHistory alerts = run.state().alerts();
        return alerts.heldBack(Severity.INFO) + alerts.heldBack(Severity.WARNING);
    }

    private void makeAgain(LiveRun run) {
        RunState state = store.journalBase(run);
        if (state == null) {
            state = core.newRun(run.runId());
        }
        for (RunRecord earlier : run.journal()) {
            core.apply(state, earlier, alert -> {});
        }
        run.replaceState(state);
    }
}

package dev.gradwatch.app.engine;

import dev.gradwatch.app.engine.failure.FailureListener;
import dev.gradwatch.app.engine.state.StoreListener;
import dev.gradwatch.detection.RunSnapshot;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.event.RunStarted;

/**
 * What the engine tells of its work: the port behind which metrics live. Called on stream threads, so implementations are thread-safe and
 * quick. Every method does nothing unless overridden.
 */
public interface EngineListener extends StoreListener, FailureListener {

    /** Tells nobody. */
    EngineListener NONE = new EngineListener() {};

    /**
     * An input record was applied.
     *
     * @param type the event's kind in kebab-case: run-started, epoch-completed, gradient-norms, heartbeat, run-finished, or tick for the
     *     silence of a run
     * @param applied events (steps, for gradient norms) that changed state
     * @param duplicates events seen before
     * @param stale events that came too late
     * @param nanos time taken by the core
     */
    default void recordApplied(String type, int applied, int duplicates, int stale, long nanos) {}

    /**
     * An alert changed.
     *
     * @param registration the run's registration, or {@code null}
     * @param latencyMillis from the event's time to now; negative when the publisher's clock is ahead
     */
    default void alertChanged(Alert alert, RunStarted registration, long latencyMillis) {}

    /** The same, with the partition of the run; calls the other one unless overridden. */
    default void alertChanged(int partition, Alert alert, RunStarted registration, long latencyMillis) {
        alertChanged(alert, registration, latencyMillis);
    }

    /** So many notes and warnings were not opened, because an attempt has opened as many as it may. */
    default void alertsHeldBack(long alerts) {}

    /**
     * Something of an event was left out; the rest of it counts.
     *
     * @param field one of a closed set, named as in the schema
     * @param times how often in the event
     */
    default void fieldIgnored(String field, int times) {}

    /** How many runs of a partition are active: not finished, not silent beyond their habit; {@code 0} when it was given away. */
    default void activeRuns(int partition, long runs) {}

    /**
     * A run was found in the state of a partition that was assigned here. Also says which alerts of it are open, because
     * {@link #alertChanged} speaks of changes only.
     */
    default void runRestored(int partition, RunSnapshot run) {}

    /** A run was forgotten: it ended, or was silent, for long enough. What was open of it is open no more. */
    default void runForgotten(int partition, String runId) {}

    /** A partition, with all of its runs, is not watched here any longer. */
    default void partitionReleased(int partition) {}

    /** A run was forgotten before its time, because more runs are known than may be. */
    default void runEvicted(int partition) {}
}

package dev.gradwatch.app.engine;

import dev.gradwatch.detection.RunSnapshot;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.event.RunStarted;

/**
 * What the engine tells of its work: the port behind which metrics live. Called on stream threads, so implementations are thread-safe and
 * quick. Every method does nothing unless overridden.
 */
public interface EngineListener {

    /** Tells nobody. */
    EngineListener NONE = new EngineListener() {};

    /**
     * An input record was applied.
     *
     * @param type the event's kind in kebab-case: run-started, epoch-completed, gradient-norms, heartbeat, run-finished
     * @param applied events (steps, for gradient norms) that changed state
     * @param duplicates events seen before
     * @param stale events that came too late
     * @param nanos time taken by the core
     */
    default void recordApplied(String type, int applied, int duplicates, int stale, long nanos) {}

    /**
     * An alert changed.
     *
     * @param partition of the input topic that the run lives in
     * @param registration the run's registration, or {@code null}
     * @param latencyMillis from the event's time to now; negative when the publisher's clock is ahead
     */
    default void alertChanged(int partition, Alert alert, RunStarted registration, long latencyMillis) {}

    /**
     * A partition came to this instance, by a start or by a move, and this run stands in its store. Called for each run of the partition that
     * has open alerts, before the partition's first record, so that what was open before a restart counts as open after it.
     */
    default void runRestored(int partition, RunSnapshot run) {}

    /** A run's state was dropped: nothing of it counts any more. */
    default void runForgotten(int partition, String runId) {}

    /** A partition was given away or is about to be read again from its last commit: nothing of its runs counts here any more. */
    default void partitionRevoked(int partition) {}

    /** A record went to the dead-letter topic; {@code cause} is one of a closed set in kebab-case. */
    default void deadLetter(String cause) {}

    /** A decode waits for the schema registry ({@code true}), or goes on again ({@code false}). */
    default void registryWaiting(boolean waiting) {}

    /** How many runs a partition watches now; {@code 0} when the partition was given away. */
    default void activeRuns(int partition, long runs) {}

    /** A state of this many bytes was written to the store. */
    default void stateWritten(int bytes) {}
}

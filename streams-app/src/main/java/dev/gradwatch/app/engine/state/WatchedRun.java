package dev.gradwatch.app.engine.state;

import dev.gradwatch.detection.RunSnapshot;
import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.Heartbeat;
import dev.gradwatch.detection.event.RunRecord;

/**
 * The little that is in memory of every run of a partition, whether its state is or not: when to wake up for it, and what its status said
 * last. Owned by one task's thread.
 */
public final class WatchedRun {

    /** Of a run without a deadline. */
    public static final long NOT_QUEUED = Long.MAX_VALUE;

    private static final long NEVER = Long.MIN_VALUE;

    private final String runId;
    private long heardMillis;
    private long retainedFromMillis;
    private long silenceLimitMillis = Long.MAX_VALUE;
    private RunSnapshot.Phase phase;
    private boolean counted;
    private int attempt;
    private long statusEventMillis = NEVER;
    private long statusWallMillis = NEVER;
    private long statusBehindMillis = NEVER;
    private long deadline = NOT_QUEUED;
    private long queuedAt = NOT_QUEUED;

    public WatchedRun(String runId) {
        this.runId = runId;
    }

    public String runId() {
        return runId;
    }

    /** When to look at the run again; for {@link SilenceDeadlines}, as the following ones. */
    public long deadline() {
        return deadline;
    }

    public void deadline(long millis) {
        deadline = millis;
    }

    /** The time of its alarm that counts. */
    public long queuedAt() {
        return queuedAt;
    }

    public void queued(long millis) {
        queuedAt = millis;
    }

    /** Since when nothing was heard of it, by the wall clock of this instance. */
    public long heardMillis() {
        return heardMillis;
    }

    public long retainedFromMillis() {
        return retainedFromMillis;
    }

    public long silenceLimitMillis() {
        return silenceLimitMillis;
    }

    /** Whether it trains, as far as one knows: neither finished nor silent for longer than its habit. */
    public boolean isActive() {
        return phase != RunSnapshot.Phase.FINISHED && phase != RunSnapshot.Phase.SILENT;
    }

    /** Whether the deadlines count it among the active ones. */
    boolean isCounted() {
        return counted;
    }

    void counted(boolean active) {
        counted = active;
    }

    public boolean isFinished() {
        return phase == RunSnapshot.Phase.FINISHED;
    }

    public void heard(long now, long retainedFrom) {
        heardMillis = now;
        retainedFromMillis = retainedFrom;
    }

    public void silenceLimit(long millis) {
        silenceLimitMillis = millis;
    }

    /**
     * Whether the record may have changed what people want to see at once. A cheap question before a snapshot is taken: steps and epochs of a
     * run that trains change no phase.
     */
    public boolean mayHaveTurned(RunRecord record) {
        boolean routine = record.event() instanceof GradientNorms
                || record.event() instanceof EpochCompleted
                || record.event() instanceof Heartbeat;
        return !routine || phase != RunSnapshot.Phase.TRAINING || attempt != record.attempt();
    }

    public boolean hasTurned(RunSnapshot snapshot) {
        return phase != snapshot.phase() || attempt != snapshot.attempt();
    }

    /**
     * Whether the run's status is due for its age alone: by event time, and where event time stands still or runs backwards, by the wall
     * clock.
     */
    public boolean statusIsDue(long eventMillis, long now, long intervalMillis) {
        if (statusEventMillis == NEVER) {
            return true;
        }
        if (eventMillis >= statusEventMillis) {
            return eventMillis - statusEventMillis >= intervalMillis;
        }
        return statusWallMillis != NEVER && now - statusWallMillis >= intervalMillis;
    }

    /** Notes that the last status is older than what is known, and returns whether it was not before. */
    public boolean statusBehind(long now) {
        boolean isNew = statusBehindMillis == NEVER;
        if (isNew) {
            statusBehindMillis = now;
        }
        return isNew;
    }

    public boolean isStatusBehindSince(long millis) {
        return statusBehindMillis == millis;
    }

    /**
     * What the state of a run says whose status somebody wrote before.
     *
     * @param now from here on the wall clock counts, because the last event may have been ahead of its time
     */
    public void restored(RunSnapshot snapshot, long now) {
        statusKnown(snapshot);
        statusWallMillis = now;
    }

    private void statusKnown(RunSnapshot snapshot) {
        phase = snapshot.phase();
        attempt = snapshot.attempt();
        statusEventMillis = snapshot.at().timeMillis();
    }

    public void statusWritten(RunSnapshot snapshot, long eventMillis, long now) {
        statusKnown(snapshot);
        statusEventMillis = eventMillis;
        statusWallMillis = now;
        statusBehindMillis = NEVER;
    }
}

package dev.gradwatch.app.engine.state;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.detection.state.RunState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A run whose state is in memory. It remembers the records that were applied since its state was last bytes, so that a state which a failing
 * record left half changed can be made again: the core is deterministic, bytes and records give the same state. Owned by one task's thread.
 */
public final class LiveRun {

    /** Beyond so many remembered values it is cheaper to take new bytes than to remember more. */
    private static final int MOST_JOURNAL_VALUES = 256;

    private final String runId;
    private final List<RunRecord> journal = new ArrayList<>();
    private RunState state;
    private long heardMillis;
    private byte[] base;
    private int journalValues;
    private boolean dirty;

    public LiveRun(String runId, RunState state, long heardMillis) {
        this.runId = runId;
        this.state = state;
        this.heardMillis = heardMillis;
    }

    public String runId() {
        return runId;
    }

    public RunState state() {
        return state;
    }

    /** Wall clock of the last record that was processed here, or by whoever had the run before. */
    public long heardMillis() {
        return heardMillis;
    }

    public boolean isDirty() {
        return dirty;
    }

    /** What {@link #journal()} is to be applied to: a stored form, or {@code null} for what the durable store holds. */
    public byte[] base() {
        return base;
    }

    /** The records since then. */
    public List<RunRecord> journal() {
        return Collections.unmodifiableList(journal);
    }

    public boolean journalIsLong() {
        return journalValues > MOST_JOURNAL_VALUES;
    }

    public void applied(RunRecord record, long heardAt) {
        journal.add(record);
        journalValues += values(record);
        heardMillis = heardAt;
        dirty = true;
    }

    public void startJournalAt(byte[] bytes) {
        base = bytes;
        journal.clear();
        journalValues = 0;
    }

    public void written() {
        startJournalAt(null);
        dirty = false;
    }

    public void leaveMemory() {
        written();
        state = null;
    }

    public void replaceState(RunState other) {
        state = other;
    }

    private static int values(RunRecord record) {
        int values = 1;
        if (record.event() instanceof GradientNorms norms) {
            for (StepNorms step : norms.steps()) {
                values += 1 + step.layers().size();
            }
        } else if (record.event() instanceof EpochCompleted epoch) {
            values += epoch.metrics().size();
        }
        return values;
    }
}

package dev.gradwatch.app.engine.state;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Runs whose latest record is not in their status yet. A status is written by event time, which stands still when a run says nothing more; by
 * the wall clock it follows within the status interval. Holds a run at most once at a time for each interval. Owned by one task's thread.
 */
public final class OverdueStatuses {

    private final Deque<Entry> oldestFirst = new ArrayDeque<>();

    private record Entry(WatchedRun run, long sinceMillis) {}

    /** The run's status is behind from now on, unless it was already. */
    public void behind(WatchedRun run, long now) {
        if (run.statusBehind(now)) {
            oldestFirst.add(new Entry(run, now));
        }
    }

    /** Takes the runs whose status has been behind for so long. */
    public List<WatchedRun> takeDue(long now, long intervalMillis) {
        List<WatchedRun> due = new ArrayList<>();
        while (!oldestFirst.isEmpty() && now - oldestFirst.peek().sinceMillis() >= intervalMillis) {
            Entry entry = oldestFirst.poll();
            if (entry.run().isStatusBehindSince(entry.sinceMillis())) {
                due.add(entry.run());
            }
        }
        return due;
    }

    public void clear() {
        oldestFirst.clear();
    }
}

package dev.gradwatch.app.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * When to look at which run again, although nothing comes from it. A heap over all runs of a partition, so that nobody ever scans their
 * states.
 *
 * <p>Every record of a run moves its deadline, nearly always to later. That only notes the new time; the heap learns of it when the old
 * time comes. Owned by one task's thread.
 */
final class SilenceDeadlines {

    private final Map<String, Entry> runs = new HashMap<>();
    private final PriorityQueue<Alarm> alarms = new PriorityQueue<>(Comparator.comparingLong(Alarm::at));

    private static final class Entry {
        private static final long NOT_QUEUED = Long.MAX_VALUE;

        private final WatchedRun run;
        private long deadline = NOT_QUEUED;
        private long queuedAt = NOT_QUEUED;

        Entry(WatchedRun run) {
            this.run = run;
        }
    }

    private record Alarm(long at, Entry entry) {}

    /** The run, or {@code null} when it is not here. */
    WatchedRun find(String runId) {
        Entry entry = runs.get(runId);
        return entry == null ? null : entry.run;
    }

    boolean knows(String runId) {
        return runs.containsKey(runId);
    }

    List<WatchedRun> all() {
        return runs.values().stream().map(entry -> entry.run).toList();
    }

    void add(WatchedRun run) {
        if (runs.putIfAbsent(run.runId(), new Entry(run)) != null) {
            throw new IllegalStateException("run " + run.runId() + " is watched already");
        }
    }

    void remove(WatchedRun run) {
        runs.remove(run.runId());
    }

    void clear() {
        runs.clear();
        alarms.clear();
    }

    /** Sets when the run is to be looked at; {@link Long#MAX_VALUE}: never. */
    void set(WatchedRun run, long deadline) {
        Entry entry = runs.get(run.runId());
        entry.deadline = deadline;
        if (deadline < entry.queuedAt) {
            queue(entry);
        }
    }

    /** The runs whose deadline has come, earliest first. They have no deadline until a new one is set. */
    List<WatchedRun> takeDue(long now) {
        List<WatchedRun> due = new ArrayList<>();
        while (!alarms.isEmpty() && alarms.peek().at() <= now) {
            Alarm alarm = alarms.poll();
            Entry entry = alarm.entry();
            boolean outdated = alarm.at() != entry.queuedAt || runs.get(entry.run.runId()) != entry;
            if (outdated) {
                continue;
            }
            entry.queuedAt = Entry.NOT_QUEUED;
            if (entry.deadline <= now) {
                entry.deadline = Entry.NOT_QUEUED;
                due.add(entry.run);
            } else if (entry.deadline != Entry.NOT_QUEUED) {
                queue(entry);
            }
        }
        return due;
    }

    int size() {
        return runs.size();
    }

    private void queue(Entry entry) {
        entry.queuedAt = entry.deadline;
        alarms.add(new Alarm(entry.deadline, entry));
    }
}

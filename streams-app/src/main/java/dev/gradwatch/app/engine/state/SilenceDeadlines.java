package dev.gradwatch.app.engine.state;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * When to look at which run again, although nothing comes from it. A heap over all runs of a partition, so that nobody ever scans their
 * states. Knows which run was heard least recently.
 *
 * <p>Every record of a run moves its deadline, nearly always to later. That only notes the new time; the heap learns of it when the old
 * time comes. Owned by one task's thread.
 */
public final class SilenceDeadlines {

    /** Below this many the heap is never made anew. */
    private static final int FEW_ALARMS = 1024;

    private final Map<String, WatchedRun> leastRecentFirst = new LinkedHashMap<>(16, 0.75f, true);
    private PriorityQueue<Alarm> alarms = newAlarms();

    private int active;

    private record Alarm(long at, WatchedRun run) {
        /** A deadline that was moved to earlier has another alarm, and a run that is gone has none. */
        boolean isOutdated() {
            return at != run.queuedAt();
        }
    }

    /** The run, which is heard now, or {@code null} when it is not here. */
    public WatchedRun find(String runId) {
        return leastRecentFirst.get(runId);
    }

    public boolean knows(String runId) {
        return leastRecentFirst.containsKey(runId);
    }

    public List<WatchedRun> all() {
        return List.copyOf(leastRecentFirst.values());
    }

    /** The run that was heard least recently; there must be one. */
    public WatchedRun leastRecent() {
        return leastRecentFirst.values().iterator().next();
    }

    public void add(WatchedRun run) {
        if (leastRecentFirst.putIfAbsent(run.runId(), run) != null) {
            throw new IllegalStateException("run " + run.runId() + " is watched already");
        }
    }

    public void remove(WatchedRun run) {
        count(run, false);
        leastRecentFirst.remove(run.runId());
        run.queued(WatchedRun.NOT_QUEUED);
        run.deadline(WatchedRun.NOT_QUEUED);
    }

    public void clear() {
        leastRecentFirst.values().forEach(run -> count(run, false));
        leastRecentFirst.clear();
        alarms.clear();
    }

    /** Sets when the run is to be looked at; {@link Long#MAX_VALUE}: never. */
    public void set(WatchedRun run, long deadline) {
        count(run, run.isActive());
        run.deadline(deadline);
        if (deadline < run.queuedAt()) {
            queue(run);
        }
    }

    /** The runs whose deadline has come, earliest first. They have no deadline until a new one is set. */
    public List<WatchedRun> takeDue(long now) {
        List<WatchedRun> due = new ArrayList<>();
        while (!alarms.isEmpty() && alarms.peek().at() <= now) {
            Alarm alarm = alarms.poll();
            WatchedRun run = alarm.run();
            if (alarm.isOutdated()) {
                continue;
            }
            run.queued(WatchedRun.NOT_QUEUED);
            if (run.deadline() <= now) {
                run.deadline(WatchedRun.NOT_QUEUED);
                due.add(run);
            } else if (run.deadline() != WatchedRun.NOT_QUEUED) {
                queue(run);
            }
        }
        return due;
    }

    public int size() {
        return leastRecentFirst.size();
    }

    private void queue(WatchedRun run) {
        run.queued(run.deadline());
        alarms.add(new Alarm(run.deadline(), run));
        if (alarms.size() > FEW_ALARMS && alarms.size() > 2 * leastRecentFirst.size()) {
            // Outdated alarms would keep forgotten runs in memory until their time comes, which may be a week.
            PriorityQueue<Alarm> current = newAlarms();
            alarms.stream().filter(alarm -> !alarm.isOutdated()).forEach(current::add);
            alarms = current;
        }
    }

    private static PriorityQueue<Alarm> newAlarms() {
        return new PriorityQueue<>(Comparator.comparingLong(Alarm::at));
    }

    /** How many of the runs are {@linkplain WatchedRun#isActive active}, as of the last time that their deadline was set. */
    public int active() {
        return active;
    }

    private void count(WatchedRun run, boolean counts) {
        if (run.isCounted() != counts) {
            run.counted(counts);
            active += counts ? 1 : -1;
        }
    }
}

package dev.gradwatch.app.engine.partitions;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * How far each partition of this instance is read and processed, and which record is being processed now. Told by stream threads, read by
 * others; thread-safe.
 */
public final class PartitionProgress {

    static final long UNKNOWN = -1;

    private final LongSupplier nanoClock;
    private final Map<Integer, Entry> entries = new ConcurrentHashMap<>();

    /**
     * One partition.
     *
     * @param position offset of the record that is fetched next, or {@link #UNKNOWN}
     * @param allProcessed whether everything that was fetched is processed
     * @param idleNanos since a record was processed that had not been processed before
     * @param record what is being processed, or {@code null}
     */
    record Progress(long position, boolean allProcessed, long idleNanos, Current record) {}

    /**
     * A record in work.
     *
     * @param offset of the record, or {@link #UNKNOWN} for the work between records
     * @param nanos how long it has been so
     */
    record Current(long offset, long nanos, Thread thread) {}

    /** Written by the one thread that has the partition. */
    private static final class Entry {
        private volatile Object owner;
        private volatile long position = UNKNOWN;
        private volatile long fetched = UNKNOWN;
        private volatile long processed = UNKNOWN;
        /** Over restarts of threads: what is processed once more is no progress. */
        private volatile long furthest = UNKNOWN;

        private volatile long movedNanos;
        private volatile Work work;
    }

    private record Work(long offset, long sinceNanos, Thread thread) {}

    /** @param nanoClock as {@link System#nanoTime()} */
    public PartitionProgress(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** A record comes into work; {@link #end} must follow. An offset of -1 stands for the work between records. */
    public void begin(int partition, long offset) {
        entry(partition).work = new Work(offset, nanoClock.getAsLong(), Thread.currentThread());
    }

    /** The record is done, whether it could be used or not. */
    public void end(int partition) {
        Entry entry = entry(partition);
        Work work = entry.work;
        entry.work = null;
        if (work != null && work.offset() != UNKNOWN) {
            entry.processed = work.offset();
            if (work.offset() > entry.furthest) {
                entry.furthest = work.offset();
                entry.movedNanos = nanoClock.getAsLong();
            }
        }
    }

    /** Work that ended with an exception: nothing is in work, nothing is done. */
    public void abandon(int partition) {
        entry(partition).work = null;
    }

    /**
     * A consumer owns these partitions now; those that it had and has no longer are forgotten.
     *
     * @return those
     */
    Set<Integer> owned(Object consumer, Collection<Integer> partitions) {
        Set<Integer> given = new HashSet<>();
        entries.forEach((partition, entry) -> {
            if (entry.owner == consumer && !partitions.contains(partition)) {
                given.add(partition);
            }
        });
        entries.keySet().removeAll(given);
        for (int partition : partitions) {
            Entry entry = entry(partition);
            if (entry.owner != consumer) {
                entry.position = UNKNOWN;
                entry.fetched = UNKNOWN;
                entry.processed = UNKNOWN;
                entry.work = null;
                entry.movedNanos = nanoClock.getAsLong();
                entry.owner = consumer;
            }
        }
        return given;
    }

    boolean isPositionUnknown(int partition) {
        Entry entry = entries.get(partition);
        return entry != null && entry.position == UNKNOWN;
    }

    /** The next poll begins here. */
    void position(int partition, long next) {
        Entry entry = entry(partition);
        if (entry.position != next) {
            entry.position = next;
        }
    }

    /** A poll brought records up to this one. */
    void fetched(int partition, long lastOffset) {
        entry(partition).fetched = lastOffset;
    }

    Map<Integer, Progress> all() {
        Map<Integer, Progress> all = new HashMap<>();
        long now = nanoClock.getAsLong();
        entries.forEach((partition, entry) -> {
            if (entry.owner == null) {
                return;
            }
            Work work = entry.work;
            Current current = work == null ? null : new Current(work.offset(), now - work.sinceNanos(), work.thread());
            boolean allProcessed = entry.fetched == UNKNOWN || entry.processed >= entry.fetched;
            all.put(partition, new Progress(entry.position, allProcessed, now - entry.movedNanos, current));
        });
        return all;
    }

    private Entry entry(int partition) {
        return entries.computeIfAbsent(partition, key -> {
            Entry entry = new Entry();
            entry.movedNanos = nanoClock.getAsLong();
            return entry;
        });
    }
}

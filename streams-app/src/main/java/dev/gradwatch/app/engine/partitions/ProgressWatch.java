package dev.gradwatch.app.engine.partitions;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees partitions that stand still although there is something to read, whatever the reason: a pause, a record that takes without end, a
 * thread that hangs. Looked at from a thread of its own, because the thread that hangs cannot say so. Thread-safe.
 */
public final class ProgressWatch {

    /** A record takes microseconds; a slow disk or a long pause of the JVM takes seconds. */
    static final Duration SLOW_RECORD = Duration.ofSeconds(10);
    /** Longer than any restart of a thread or rebalance takes. */
    static final Duration STALLED_AFTER = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(ProgressWatch.class);

    private final String topic;
    private final PartitionProgress progress;
    private final PausedPartitions paused;
    private final Map<Integer, Long> warnedOffsets = new HashMap<>();
    private volatile Map<Integer, Long> ends = Map.of();

    /** Why a partition stands still. */
    public enum Reason {
        PAUSED,
        RECORD,
        NO_PROGRESS;

        /** For labels. */
        public String code() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * A partition that stands still.
     *
     * @param seconds since when
     * @param detail for people
     */
    public record Stall(int partition, Reason reason, long seconds, String detail) {}

    /** A watch over the partitions of one topic. */
    public ProgressWatch(String topic, PartitionProgress progress, PausedPartitions paused) {
        this.topic = topic;
        this.progress = progress;
        this.paused = paused;
    }

    /** Where the partitions end now, as the brokers say; what is not known does not count as unread. */
    public void ends(Map<Integer, Long> byPartition) {
        ends = Map.copyOf(byPartition);
    }

    /** The partitions that this instance reads. */
    public Set<Integer> owned() {
        return new HashSet<>(progress.all().keySet());
    }

    /** Partitions that stand still now, by number. */
    public List<Stall> stalls() {
        Map<Integer, Stall> stalls = new TreeMap<>();
        Map<Integer, PartitionProgress.Progress> owned = progress.all();
        owned.forEach((partition, each) -> stall(partition, each).ifPresent(s -> stalls.put(partition, s)));
        paused.all().forEach((partition, pause) -> {
            if (owned.containsKey(partition)) {
                stalls.put(partition, new Stall(partition, Reason.PAUSED, pause.seconds(), describe(pause)));
            }
        });
        return new ArrayList<>(stalls.values());
    }

    private static String describe(PausedPartitions.Pause pause) {
        return "is paused for " + pause.seconds() + " s and tried again in " + pause.trialInSeconds()
                + " s, or at once by 'gradwatch resume " + pause.partition() + "': " + pause.reason();
    }

    private Optional<Stall> stall(int partition, PartitionProgress.Progress each) {
        PartitionProgress.Current record = each.record();
        if (record != null && record.nanos() >= STALLED_AFTER.toNanos()) {
            long seconds = Duration.ofNanos(record.nanos()).toSeconds();
            return Optional.of(new Stall(
                    partition,
                    Reason.RECORD,
                    seconds,
                    "works on " + name(partition, record) + " for " + seconds + " s"));
        }
        boolean unread =
                each.position() != PartitionProgress.UNKNOWN && ends.getOrDefault(partition, 0L) > each.position();
        if ((unread || !each.allProcessed()) && each.idleNanos() >= STALLED_AFTER.toNanos()) {
            long seconds = Duration.ofNanos(each.idleNanos()).toSeconds();
            String detail = "has records to read and processed none for " + seconds + " s";
            return Optional.of(new Stall(partition, Reason.NO_PROGRESS, seconds, detail));
        }
        return Optional.empty();
    }

    /** Names in the log, once each, the records that take too long while they do. Called every second or so. */
    public synchronized void warnOfSlowRecords() {
        Map<Integer, PartitionProgress.Progress> all = progress.all();
        warnedOffsets.keySet().retainAll(all.keySet());
        all.forEach((partition, each) -> {
            PartitionProgress.Current record = each.record();
            if (record == null) {
                warnedOffsets.remove(partition);
            } else if (record.nanos() >= SLOW_RECORD.toNanos()
                    && !Long.valueOf(record.offset()).equals(warnedOffsets.put(partition, record.offset()))) {
                LOG.warn(
                        "Thread {} works on {} for {} s and reads nothing else meanwhile. It is at {}.",
                        record.thread().getName(),
                        name(partition, record),
                        Duration.ofNanos(record.nanos()).toSeconds(),
                        place(record.thread()));
            }
        });
    }

    private String name(int partition, PartitionProgress.Current record) {
        String where = "topic " + topic + " partition " + partition;
        return record.offset() == PartitionProgress.UNKNOWN
                ? "the silent runs of " + where
                : "the record at " + where + " offset " + record.offset();
    }

    /** Where the thread is now, innermost first; enough to tell decoding from detection and from waiting. */
    private static String place(Thread thread) {
        StringBuilder place = new StringBuilder();
        StackTraceElement[] stack = thread.getStackTrace();
        for (int i = 0; i < Math.min(stack.length, 6); i++) {
            place.append(i == 0 ? "" : " < ").append(stack[i]);
        }
        return place.toString();
    }
}

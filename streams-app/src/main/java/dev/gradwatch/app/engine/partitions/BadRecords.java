package dev.gradwatch.app.engine.partitions;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when so many records of a partition cannot be used that reading on would mean watching nobody. Partitions are judged apart, each
 * by its own {@link BadRecordWindow}. One for all threads; thread-safe, each partition being told of by one thread at a time.
 */
public final class BadRecords {

    /**
     * Others are well while a usable record came so lately. Running jobs send a heartbeat or a batch at least every minute; five of them
     * leave room for a slow evaluation.
     */
    static final Duration OTHERS_ARE_WELL = Duration.ofMinutes(5);

    private static final Logger LOG = LoggerFactory.getLogger(BadRecords.class);

    private final double maxShare;
    private final int minimum;
    private final Reaction reaction;
    private final PausedPartitions paused;
    private final LongSupplier nanoClock;
    private final Map<Integer, Judged> partitions = new ConcurrentHashMap<>();

    /** What happens when too many records of a partition cannot be used. */
    public enum Reaction {
        /** The partition is not read any more, all others are. */
        PAUSE,
        /** The service ends. */
        STOP,
        /** Nothing: every bad record becomes a dead letter. */
        CONTINUE
    }

    private static final class Judged {
        private final BadRecordWindow window = new BadRecordWindow();
        private final Predicate<String> knows;
        private long lastGoodNanos;
        private int resumes;

        Judged(Predicate<String> knows, long now) {
            this.knows = knows;
            this.lastGoodNanos = now;
        }
    }

    /**
     * A judge that has seen nothing.
     *
     * @param maxShare of the last thousand records that count, 0 to 1
     * @param minimum fewer bad records than this are never too many
     */
    public BadRecords(
            double maxShare, int minimum, Reaction reaction, PausedPartitions paused, LongSupplier nanoClock) {
        this.maxShare = maxShare;
        this.minimum = minimum;
        this.reaction = reaction;
        this.paused = paused;
        this.nanoClock = nanoClock;
    }

    /**
     * A partition is read from now on.
     *
     * @param knows whether a run of this id is watched in the partition; asked on the partition's thread
     */
    public void assigned(int partition, Predicate<String> knows) {
        Judged judged = new Judged(knows, nanoClock.getAsLong());
        judged.resumes = paused.resumes(partition);
        partitions.put(partition, judged);
    }

    /** A record of the partition was used. */
    public void good(int partition) {
        Judged judged = judged(partition);
        judged.lastGoodNanos = nanoClock.getAsLong();
        if (beginsAnew(partition, judged)) {
            judged.window.good();
            passTrial(partition, judged);
        }
    }

    /**
     * A record of the partition cannot be used.
     *
     * @param keyOrNull the record's key, which names its run
     * @param record which record it is and what is wrong with it, for the message
     * @throws TooManyBadRecordsException when this one is one too many and the service is to stop
     */
    public void bad(int partition, String keyOrNull, String record) {
        Judged judged = judged(partition);
        if (reaction == Reaction.CONTINUE || !beginsAnew(partition, judged)) {
            return;
        }
        boolean othersAreWell = nanoClock.getAsLong() - judged.lastGoodNanos < OTHERS_ARE_WELL.toNanos();
        judged.window.bad(keyOrNull, keyOrNull != null && judged.knows.test(keyOrNull), othersAreWell);
        BadRecordWindow window = judged.window;
        // A partition on trial is judged by what came since then: it had its thousand records before.
        int of = paused.isOnTrial(partition) ? window.seen() : BadRecordWindow.WINDOW;
        if (window.badSeen() >= minimum && window.badSeen() > maxShare * of) {
            react(partition, window, record);
        } else {
            passTrial(partition, judged);
        }
    }

    private void react(int partition, BadRecordWindow window, String record) {
        String what = window.badSeen() + " of the last " + window.seen() + " records of partition " + partition
                + " that count could not be used (limit: a share of " + maxShare + " and " + minimum
                + " records). The latest is " + record;
        if (reaction == Reaction.STOP) {
            throw new TooManyBadRecordsException(
                    what + ". The service stops, as dead-letters.when-too-many says. See who publishes such records;"
                            + " then start again: nothing was skipped since the last commit.");
        }
        Duration backoff = paused.pause(partition, what);
        LOG.error(
                "Partition {} is paused and tried again in {} s; all others are read on. {}. See who publishes such"
                        + " records, then resume it at once with 'gradwatch resume {}'.",
                partition,
                backoff.toSeconds(),
                what,
                partition);
    }

    private void passTrial(int partition, Judged judged) {
        if (judged.window.isFull() && paused.isOnTrial(partition)) {
            paused.trialPassed(partition);
        }
    }

    /** Whether the partition is read; what was fetched before its pause says nothing new. */
    private boolean beginsAnew(int partition, Judged judged) {
        if (paused.isPaused(partition)) {
            return false;
        }
        int resumes = paused.resumes(partition);
        if (resumes != judged.resumes) {
            judged.resumes = resumes;
            judged.window.clear();
        }
        return true;
    }

    private Judged judged(int partition) {
        return partitions.computeIfAbsent(partition, key -> new Judged(run -> false, nanoClock.getAsLong()));
    }
}

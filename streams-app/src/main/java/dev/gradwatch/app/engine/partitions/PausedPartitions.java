package dev.gradwatch.app.engine.partitions;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Which partitions of this instance are not read at present, and why. A pause ends by command, or by itself after a backoff, as a trial:
 * a paused partition delivers nothing from which anybody could see that its records became better. Known to this process alone: another
 * instance that takes a partition over judges it anew. Thread-safe.
 */
public final class PausedPartitions {

    /** The first trial comes after a minute: long enough to be seen, short against the days that events are kept. */
    static final Duration FIRST_BACKOFF = Duration.ofMinutes(1);
    /** Later trials come at most so far apart, so that a repaired publisher is watched again within a quarter of an hour. */
    static final Duration LONGEST_BACKOFF = Duration.ofMinutes(15);

    private final LongSupplier nanoClock;
    private final Map<Integer, State> states = new ConcurrentHashMap<>();

    /**
     * A partition that is paused.
     *
     * @param reason for people
     * @param seconds since when
     * @param trialInSeconds when it is read again by itself
     */
    public record Pause(int partition, String reason, long seconds, long trialInSeconds) {}

    private record State(String reason, long sinceNanos, Duration backoff, int pauses, int resumes) {
        boolean isPaused() {
            return reason != null;
        }
    }

    /** @param nanoClock as {@link System#nanoTime()} */
    public PausedPartitions(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /**
     * Reads no more of a partition; does nothing when it is paused already.
     *
     * @return how long until it is tried again
     */
    Duration pause(int partition, String reason) {
        return states.compute(partition, (key, before) -> {
                    if (before != null && before.isPaused()) {
                        return before;
                    }
                    int pauses = before == null ? 0 : before.pauses();
                    Duration backoff = FIRST_BACKOFF.multipliedBy(1L << Math.min(pauses, 10));
                    Duration bounded = backoff.compareTo(LONGEST_BACKOFF) < 0 ? backoff : LONGEST_BACKOFF;
                    int resumes = before == null ? 0 : before.resumes();
                    return new State(reason, nanoClock.getAsLong(), bounded, pauses + 1, resumes);
                })
                .backoff();
    }

    /**
     * Reads a partition again.
     *
     * @return whether it was paused
     */
    public boolean resume(int partition) {
        State before = states.get(partition);
        if (before == null || !before.isPaused()) {
            return false;
        }
        return states.replace(partition, before, read(before));
    }

    /** Whether a partition is not to be read now. Ends the pause of one whose backoff is over. */
    public boolean isPaused(int partition) {
        State state = states.get(partition);
        if (state == null || !state.isPaused()) {
            return false;
        }
        if (nanoClock.getAsLong() - state.sinceNanos() >= state.backoff().toNanos()) {
            resume(partition);
            return false;
        }
        return true;
    }

    /** Every pause, by partition. */
    public Map<Integer, Pause> all() {
        Map<Integer, Pause> pauses = new TreeMap<>();
        long now = nanoClock.getAsLong();
        states.forEach((partition, state) -> {
            if (state.isPaused()) {
                long seconds = Duration.ofNanos(now - state.sinceNanos()).toSeconds();
                long trial = Math.max(0, state.backoff().toSeconds() - seconds);
                pauses.put(partition, new Pause(partition, state.reason(), seconds, trial));
            }
        });
        return pauses;
    }

    /** How often a partition was resumed; whoever judges its records begins anew when this grows. */
    int resumes(int partition) {
        State state = states.get(partition);
        return state == null ? 0 : state.resumes();
    }

    /** Whether a partition was paused before and has not passed its trial yet. */
    boolean isOnTrial(int partition) {
        State state = states.get(partition);
        return state != null && state.pauses() > 0;
    }

    /** Its records are good again: the next pause begins with the first backoff. */
    void trialPassed(int partition) {
        states.computeIfPresent(partition, (key, state) -> new State(null, 0, FIRST_BACKOFF, 0, state.resumes()));
    }

    /** A partition is not read by this instance any longer. */
    void released(int partition) {
        states.remove(partition);
    }

    private static State read(State paused) {
        return new State(null, 0, paused.backoff(), paused.pauses(), paused.resumes() + 1);
    }
}

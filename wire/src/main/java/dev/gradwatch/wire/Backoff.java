package dev.gradwatch.wire;

import java.time.Duration;

/**
 * The product's one retry policy towards brokers and registries: the pause before the next attempt, doubled each time, from 200 ms (an
 * election of a leader takes about as long) to 5 s (soon enough after an outage, and no load during one). One thread.
 */
public final class Backoff {

    private static final Duration FIRST = Duration.ofMillis(200);
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private Duration next = FIRST;

    /** How long to pause now; the next one is longer. */
    public Duration next() {
        Duration pause = next;
        Duration twice = pause.multipliedBy(2);
        next = twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
        return pause;
    }

    /** Begins again, after an attempt that succeeded. */
    public void reset() {
        next = FIRST;
    }
}

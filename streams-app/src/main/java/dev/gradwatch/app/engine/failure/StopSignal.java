package dev.gradwatch.app.engine.failure;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Wakes whoever waits in a stream thread when the service goes down, because Kafka Streams interrupts nobody. Thread-safe. */
public final class StopSignal {

    private final CountDownLatch given = new CountDownLatch(1);

    public void give() {
        given.countDown();
    }

    public boolean isGiven() {
        return given.getCount() == 0;
    }

    /**
     * Waits this long, or less when the signal comes or the thread is interrupted.
     *
     * @return whether to stop
     */
    public boolean await(Duration longest) {
        try {
            return given.await(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}

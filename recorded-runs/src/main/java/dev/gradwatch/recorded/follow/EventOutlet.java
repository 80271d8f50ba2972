package dev.gradwatch.recorded.follow;

import dev.gradwatch.detection.event.RunRecord;

/** Where followed events go. Waits for as long as it takes; only a stop or what can never succeed ends that. */
public interface EventOutlet {

    /** Takes one record, in order. */
    void publish(RunRecord record) throws InterruptedException;

    /** Returns when everything that was published has been stored for good. */
    void awaitDelivered() throws InterruptedException;
}

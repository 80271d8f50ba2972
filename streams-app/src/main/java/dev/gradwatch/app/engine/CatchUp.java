package dev.gradwatch.app.engine;

/**
 * Tells whether everything that was published has been seen. Until then nobody is accused of silence: what the run said may wait in the
 * topic. Asked on stream threads, so implementations are thread-safe and quick.
 */
@FunctionalInterface
public interface CatchUp {

    /** Whether this partition of the training events is read up to now, but for what arrived this moment. */
    boolean caughtUp(int partition);
}

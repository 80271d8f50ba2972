package dev.gradwatch.app.engine.state;

/** What the store tells of its work. Called on stream threads, so implementations are thread-safe and quick. */
public interface StoreListener {

    /** A state of this many bytes was written to the store. */
    default void stateWritten(int bytes) {}

    /** The files with a partition's state were damaged; it is restored from the changelog. */
    default void stateDamaged(int partition) {}
}

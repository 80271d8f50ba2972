package dev.gradwatch.app.engine.failure;

/** What is told of records that cannot be used, and of waiting. Called on stream threads, so implementations are thread-safe and quick. */
public interface FailureListener {

    /** A record went to the dead-letter topic; {@code cause} is one of a closed set in kebab-case. */
    default void deadLetter(String cause) {}

    /** A record was left out because only a newer version knows its type. */
    default void eventSkipped() {}

    /** A decode waits for the schema registry ({@code true}), or goes on again ({@code false}). */
    default void registryWaiting(boolean waiting) {}
}

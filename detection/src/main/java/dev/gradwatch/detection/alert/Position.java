package dev.gradwatch.detection.alert;

/**
 * A place in a run.
 *
 * @param timeMillis event time, milliseconds since 1970-01-01 UTC
 * @param step optimizer step, or {@code null} where the run has none
 * @param epoch epoch, fractional, or {@code null}
 */
public record Position(long timeMillis, Long step, Double epoch) {}

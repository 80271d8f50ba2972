package dev.gradwatch.detection.event;

/**
 * An event with its place: which run, which attempt of it, and when.
 *
 * @param runId the run, never blank
 * @param attempt 1 for the first start, raised by one at every restart, resume or new phase
 * @param timeMillis event time by the publisher's clock, milliseconds since 1970-01-01 UTC
 * @param event what happened
 */
public record RunRecord(String runId, int attempt, long timeMillis, RunEvent event) {}

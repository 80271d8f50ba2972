package dev.gradwatch.detection.event;

import java.util.List;

/**
 * An event with its place: which run, which attempt of it, and when.
 *
 * @param runId the run, never blank
 * @param attempt 1 for the first start, raised by one at every restart, resume or new phase
 * @param timeMillis event time by the publisher's clock, milliseconds since 1970-01-01 UTC
 * @param event what happened
 * @param ignored what was left out of it, see {@link EventSanitizer}
 */
public record RunRecord(String runId, int attempt, long timeMillis, RunEvent event, List<IgnoredField> ignored) {

    public RunRecord {
        ignored = List.copyOf(ignored);
    }

    /** A record of which nothing was left out. */
    public RunRecord(String runId, int attempt, long timeMillis, RunEvent event) {
        this(runId, attempt, timeMillis, event, List.of());
    }
}

package dev.gradwatch.recorded.log;

import dev.gradwatch.detection.event.RunEvent;

/**
 * One event as a file tells it, before it has a place in a run.
 *
 * @param timeMillis when the file says so, else {@code null}
 * @param attempt when the file says so, else {@code null}
 */
public record LogEntry(RunEvent event, Long timeMillis, Integer attempt) {}

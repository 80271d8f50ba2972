package dev.gradwatch.detection.event;

/**
 * The run is alive and has nothing else to say, such as during a long evaluation.
 *
 * @param step optimizer steps since the start of the run, or {@code null}
 * @param status what it is doing in its own words, or {@code null}
 */
public record Heartbeat(Long step, String status) implements RunEvent {}

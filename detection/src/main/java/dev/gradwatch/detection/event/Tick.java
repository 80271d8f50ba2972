package dev.gradwatch.detection.event;

/**
 * Wall-clock time turned into an event: nothing was heard of the run for a while. Never published; made by whoever drives the core.
 *
 * @param silentMillis how long, since the run's last record was processed here
 */
public record Tick(long silentMillis) implements RunEvent {}

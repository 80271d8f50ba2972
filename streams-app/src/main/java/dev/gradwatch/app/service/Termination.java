package dev.gradwatch.app.service;

/**
 * How the service ended.
 *
 * @param exitCode of the process: 0 when it was asked to stop, 1 when it failed
 * @param reason for people; never {@code null}
 * @param cause {@code null} unless it failed by an exception
 */
public record Termination(int exitCode, String reason, Throwable cause) {}

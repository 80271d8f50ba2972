package dev.gradwatch.detection.alert;

/**
 * One measured number behind an alert.
 *
 * @param name what was measured, in kebab-case: {@code observed}, {@code threshold}, {@code window}, or a name of its own
 * @param value NaN and infinity are possible
 * @param unit such as steps, epochs, loss; {@code null} for a pure ratio
 */
public record Evidence(String name, double value, String unit) {}

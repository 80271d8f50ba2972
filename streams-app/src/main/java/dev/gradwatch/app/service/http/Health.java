package dev.gradwatch.app.service.http;

import java.util.List;

/**
 * The answer of a health path.
 *
 * @param status {@code up} when every check is, else {@code down}
 */
public record Health(String status, List<Check> checks) {

    /** One thing that must work; {@code detail} says how it is, in a few words for people. */
    public record Check(String name, boolean up, String detail) {}

    public Health {
        checks = List.copyOf(checks);
    }

    public static Health of(List<Check> checks) {
        return new Health(checks.stream().allMatch(Check::up) ? "up" : "down", checks);
    }

    /** Whether every check is up. */
    public boolean isUp() {
        return status.equals("up");
    }

    /** What is not up, in one line. */
    public String troubles() {
        return String.join(
                "; ",
                checks.stream()
                        .filter(check -> !check.up())
                        .map(check -> check.name() + ": " + check.detail())
                        .toList());
    }
}

package dev.gradwatch.commands.alerts;

import dev.gradwatch.detection.alert.Severity;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** How many of each severity. */
public final class SeverityCounts {

    public static final List<Severity> GRAVEST_FIRST = List.of(Severity.CRITICAL, Severity.WARNING, Severity.INFO);

    private final Map<Severity, Integer> counts = new EnumMap<>(Severity.class);

    public void add(Severity severity) {
        counts.merge(severity, 1, Integer::sum);
    }

    public void addAll(SeverityCounts others) {
        others.counts.forEach((severity, count) -> counts.merge(severity, count, Integer::sum));
    }

    public int of(Severity severity) {
        return counts.getOrDefault(severity, 0);
    }

    public int all() {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Such as {@code 1 critical, 2 warnings}; empty without any. */
    @Override
    public String toString() {
        return GRAVEST_FIRST.stream()
                .filter(counts::containsKey)
                .map(severity -> counted(severity, counts.get(severity)))
                .collect(Collectors.joining(", "));
    }

    private static String counted(Severity severity, int count) {
        return count + " " + severity.name().toLowerCase(Locale.ROOT)
                + (severity == Severity.WARNING && count > 1 ? "s" : "");
    }
}

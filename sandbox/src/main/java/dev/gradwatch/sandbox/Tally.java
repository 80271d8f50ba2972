package dev.gradwatch.sandbox;

import dev.gradwatch.detection.detector.run.SilentRunDetector;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.AlertState;
import dev.gradwatch.schemas.Severity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Counts the alerts of one sandbox. Thread-safe. */
final class Tally {

    /** Wall-clock rules measure absence, so that there is no event from which to measure how quick they were. */
    private static final String SILENCE = SilentRunDetector.ID;

    private static final int MOST_LATENCIES = 10_000;

    private final Map<String, Integer> byDetector = new TreeMap<>();
    private final Map<Severity, Integer> bySeverity = new EnumMap<>(Severity.class);
    private final Set<String> loudRuns = new TreeSet<>();
    private final List<Long> latencies = new ArrayList<>();
    private int ended;

    /**
     * What was counted.
     *
     * @param opened alerts that opened
     * @param ended alerts that were resolved, superseded or closed
     * @param loudRuns runs with an alert that was ever more than a note
     * @param latencyP50 milliseconds from the event to the alert being read; -1 without any
     */
    record Counts(
            int opened,
            int ended,
            Map<String, Integer> byDetector,
            Map<Severity, Integer> bySeverity,
            Set<String> loudRuns,
            long latencyP50,
            long latencyP99) {}

    /**
     * @param live whether the run happens now, so that its event times tell how quick the alert was; a replayed one's do not
     */
    synchronized void add(Alert alert, boolean live, long nowMillis) {
        if (alert.getState() == AlertState.OPENED) {
            byDetector.merge(alert.getDetector(), 1, Integer::sum);
            bySeverity.merge(alert.getSeverity(), 1, Integer::sum);
            if (live && !alert.getDetector().equals(SILENCE) && latencies.size() < MOST_LATENCIES) {
                latencies.add(Math.max(0, nowMillis - alert.getUpdatedAt().toEpochMilli()));
            }
        } else if (alert.getResolvedAt() != null) {
            ended++;
        }
        if (alert.getSeverity() != Severity.INFO) {
            loudRuns.add(alert.getRunId());
        }
    }

    synchronized Counts counts() {
        return new Counts(
                byDetector.values().stream().mapToInt(Integer::intValue).sum(),
                ended,
                Map.copyOf(byDetector),
                Map.copyOf(bySeverity),
                Set.copyOf(loudRuns),
                quantile(0.5),
                quantile(0.99));
    }

    private long quantile(double share) {
        if (latencies.isEmpty()) {
            return -1;
        }
        List<Long> sorted = new ArrayList<>(latencies);
        Collections.sort(sorted);
        return sorted.get((int) Math.min(sorted.size() - 1L, (long) (share * sorted.size())));
    }
}

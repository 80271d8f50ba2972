package dev.gradwatch.app.service.metrics;

import dev.gradwatch.detection.alert.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * The alerts that are open on this instance, by run. Follows partitions as they come and go, so that a count is what the stored states
 * say and not what happened since the start. Grows with open alerts, never with runs. Thread-safe: stream threads write, scrapes read.
 */
final class OpenAlerts {

    /** An alert's labels; already bounded and cleaned. */
    record Labels(String detector, Severity severity, String team, String cluster) {}

    /** An open alert of a run. */
    record Named(String run, String detector, Severity severity, long openedMillis) {}

    private record One(Labels labels, long openedMillis) {}

    private record Run(int partition, Map<String, One> alerts) {}

    /** Gravest first, then the oldest, so that who is named changes as little as possible. */
    private static final Comparator<Named> MOST_WORTH_NAMING = Comparator.comparing(Named::severity)
            .reversed()
            .thenComparingLong(Named::openedMillis)
            .thenComparing(Named::run)
            .thenComparing(Named::detector);

    private final Map<String, Run> runs = new HashMap<>();
    /** Labels that ever were, zeros included: a series that goes to zero says "resolved", one that disappears says nothing. */
    private final Map<Labels, Integer> counts = new LinkedHashMap<>();

    private int open;

    /** Returns the labels that the alert had before, or {@code null} when it is new here. */
    synchronized Labels put(int partition, String runId, String alertId, Labels labels, long openedMillis) {
        Run run = runs.computeIfAbsent(runId, id -> new Run(partition, new HashMap<>()));
        One before = run.alerts().put(alertId, new One(labels, openedMillis));
        if (before != null) {
            uncount(before);
        }
        counts.merge(labels, 1, Integer::sum);
        open++;
        return before == null ? null : before.labels();
    }

    synchronized void remove(String runId, String alertId) {
        Run run = runs.get(runId);
        One before = run == null ? null : run.alerts().remove(alertId);
        if (before != null) {
            uncount(before);
            if (run.alerts().isEmpty()) {
                runs.remove(runId);
            }
        }
    }

    synchronized void removeRun(String runId) {
        Run run = runs.remove(runId);
        if (run != null) {
            run.alerts().values().forEach(this::uncount);
        }
    }

    synchronized void removePartition(int partition) {
        runs.values().removeIf(run -> {
            boolean gone = run.partition() == partition;
            if (gone) {
                run.alerts().values().forEach(this::uncount);
            }
            return gone;
        });
    }

    synchronized void forEachCount(java.util.function.ObjIntConsumer<Labels> receiver) {
        counts.forEach(receiver::accept);
    }

    /**
     * The alerts most worth naming.
     *
     * @param cut receives how many more there are
     */
    synchronized List<Named> mostGrave(int limit, Consumer<Integer> cut) {
        PriorityQueue<Named> best = new PriorityQueue<>(MOST_WORTH_NAMING.reversed());
        runs.forEach((runId, run) -> run.alerts().forEach((alertId, one) -> {
            best.add(new Named(runId, one.labels().detector(), one.labels().severity(), one.openedMillis()));
            if (best.size() > limit) {
                best.poll();
            }
        }));
        cut.accept(open - best.size());
        List<Named> sorted = new ArrayList<>(best);
        sorted.sort(MOST_WORTH_NAMING);
        return sorted;
    }

    private void uncount(One one) {
        counts.merge(one.labels(), -1, Integer::sum);
        open--;
    }
}

package dev.gradwatch.detection.scenario;

import dev.gradwatch.detection.ApplyResult;
import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Evidence;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.state.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A run under watch, and everything that was said of it. */
public final class WatchedRun {

    private final RunWatch watch;
    private final RunState state;
    private final List<Alert> alerts = new ArrayList<>();

    private WatchedRun(DetectionSettings settings, String runId) {
        watch = new RunWatch(settings);
        state = watch.newRun(runId);
    }

    public static WatchedRun run(RunLog log) {
        return run(log.records(), Map.of());
    }

    /** With some parameters changed. */
    public static WatchedRun run(RunLog log, Map<String, Double> settings) {
        return run(log.records(), settings);
    }

    public static WatchedRun run(List<RunRecord> records) {
        return run(records, Map.of());
    }

    public static WatchedRun run(List<RunRecord> records, Map<String, Double> settings) {
        WatchedRun watched = new WatchedRun(
                DetectionSettings.of(settings),
                records.isEmpty() ? "any" : records.get(0).runId());
        records.forEach(watched::apply);
        return watched;
    }

    /** One more record. */
    public ApplyResult apply(RunRecord record) {
        return watch.apply(state, record, alerts::add);
    }

    public RunWatch watch() {
        return watch;
    }

    public RunState state() {
        return state;
    }

    /** Every moment of every alert, in order. */
    public List<Alert> alerts() {
        return List.copyOf(alerts);
    }

    /** Every moment of a detector's alerts, in order. */
    public List<Alert> of(String detector) {
        return alerts.stream()
                .filter(alert -> alert.detector().equals(detector))
                .toList();
    }

    /** The detectors that opened an alert, in order. */
    public List<String> opened() {
        return alerts.stream()
                .filter(alert -> alert.state() == AlertState.OPENED)
                .map(Alert::detector)
                .toList();
    }

    /** The detectors that ever paged somebody, in order and with repetitions. */
    public List<String> paging() {
        return alerts.stream()
                .filter(alert -> alert.severity().isPaging() && alert.state().isOpen())
                .map(Alert::detector)
                .distinct()
                .toList();
    }

    /** The first moment of a detector's first alert. */
    public Alert first(String detector) {
        return of(detector).stream()
                .findFirst()
                .orElseThrow(() -> new AssertionError(detector + " never fired, only " + opened()));
    }

    /** The latest moment of a detector's alerts. */
    public Alert last(String detector) {
        List<Alert> all = of(detector);
        return all.isEmpty() ? first(detector) : all.get(all.size() - 1);
    }

    /** A number behind an alert. */
    public static double evidence(Alert alert, String name) {
        return alert.evidence().stream()
                .filter(evidence -> evidence.name().equals(name))
                .mapToDouble(Evidence::value)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no evidence " + name + " in " + alert.evidence()));
    }
}

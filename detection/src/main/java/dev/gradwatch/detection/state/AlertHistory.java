package dev.gradwatch.detection.state;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.Severity;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The open alerts of a run, at most one for each detector, how many were opened in this attempt, and which symptoms have no alert of their
 * own: because another alert explains them, or because the attempt has opened as many as it may.
 */
public final class AlertHistory {

    private final List<OpenAlert> open = new ArrayList<>(2);
    private final Map<String, Integer> openings = new TreeMap<>();
    private int opened;

    /** Openings of this attempt, and alerts held back in all attempts. */
    private final Map<Severity, Long> openedInAttempt = new EnumMap<>(Severity.class);

    private final Map<Severity, Long> heldBack = new EnumMap<>(Severity.class);

    /** Detectors that are held back now, each with the gravest severity that it was held back with. */
    private final Map<String, Severity> heldBackNow = new TreeMap<>();

    private final Set<String> explained = new TreeSet<>();

    /** The open alert of a detector, or {@code null}. */
    public OpenAlert open(String detector) {
        for (int i = 0; i < open.size(); i++) {
            if (open.get(i).last().detector().equals(detector)) {
                return open.get(i);
            }
        }
        return null;
    }

    /** Whether a detector's alert is open and pages people. */
    public boolean isPaging(String detector) {
        OpenAlert alert = open(detector);
        return alert != null && alert.last().severity().isPaging();
    }

    public List<OpenAlert> open() {
        return List.copyOf(open);
    }

    public boolean isEmpty() {
        return open.isEmpty();
    }

    /** How often a detector has opened an alert in this attempt. */
    public int openings(String detector) {
        return openings.getOrDefault(detector, 0);
    }

    /** How many alerts were opened in all attempts. */
    public int opened() {
        return opened;
    }

    public OpenAlert add(Alert alert) {
        OpenAlert added = new OpenAlert(alert, 1);
        open.add(added);
        openings.merge(alert.detector(), 1, Integer::sum);
        opened++;
        openedInAttempt.merge(alert.severity(), 1L, Long::sum);
        heldBackNow.remove(alert.detector());
        explained.remove(alert.detector());
        return added;
    }

    /** How many alerts of a severity this attempt has opened. */
    public long openedInAttempt(Severity severity) {
        return openedInAttempt.getOrDefault(severity, 0L);
    }

    /** How many alerts of a severity were not opened, in all attempts, because an attempt had opened as many as it may. */
    public long heldBack(Severity severity) {
        return heldBack.getOrDefault(severity, 0L);
    }

    /** Notes that a detector's alert is not opened. It counts once until its symptom is gone, and once more when it gets graver. */
    public void holdBack(String detector, Severity severity) {
        Severity before = heldBackNow.get(detector);
        if (before == null || before.compareTo(severity) < 0) {
            heldBackNow.put(detector, severity);
            heldBack.merge(severity, 1L, Long::sum);
        }
    }

    /** Notes whether a detector's symptom is there now and explained by another alert. */
    public void explained(String detector, boolean isExplained) {
        if (isExplained) {
            explained.add(detector);
        } else if (!explained.isEmpty()) {
            explained.remove(detector);
        }
    }

    /** Whether a detector's symptom is there now, behind another alert. */
    public boolean isExplained(String detector) {
        return !explained.isEmpty() && explained.contains(detector);
    }

    /** Notes that a detector's symptom is gone. A note is made once in an attempt, so one that was held back stays so. */
    public void symptomGone(String detector) {
        explained(detector, false);
        if (!heldBackNow.isEmpty() && heldBackNow.get(detector) != Severity.INFO) {
            heldBackNow.remove(detector);
        }
    }

    public void remove(OpenAlert alert) {
        open.remove(alert);
    }

    void startAttempt() {
        open.clear();
        openings.clear();
        openedInAttempt.clear();
        heldBackNow.clear();
        explained.clear();
    }

    Map<Severity, Long> openedInAttempt() {
        return openedInAttempt;
    }

    Map<Severity, Long> heldBack() {
        return heldBack;
    }

    Map<String, Severity> heldBackNow() {
        return heldBackNow;
    }

    Set<String> explained() {
        return explained;
    }

    void restore(List<OpenAlert> alerts, Map<String, Integer> counts, int total) {
        open.clear();
        open.addAll(alerts);
        openings.clear();
        openings.putAll(counts);
        opened = total;
    }

    Map<String, Integer> openings() {
        return openings;
    }
}

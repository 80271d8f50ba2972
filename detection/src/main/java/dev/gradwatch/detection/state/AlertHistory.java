package dev.gradwatch.detection.state;

import dev.gradwatch.detection.alert.Alert;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The open alerts of a run, at most one for each detector, and how often each detector has opened one in this attempt. */
public final class AlertHistory {

    private final List<OpenAlert> open = new ArrayList<>(2);
    private final Map<String, Integer> openings = new TreeMap<>();
    private int opened;

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

    /** Whether any alert is open that pages people. */
    public boolean isAnyPaging() {
        for (int i = 0; i < open.size(); i++) {
            if (open.get(i).last().severity().isPaging()) {
                return true;
            }
        }
        return false;
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
        return added;
    }

    public void remove(OpenAlert alert) {
        open.remove(alert);
    }

    void startAttempt() {
        open.clear();
        openings.clear();
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

package dev.gradwatch.detection.detector;

import dev.gradwatch.detection.alert.Evidence;
import java.util.ArrayList;
import java.util.List;

/** What an alert says: one or two plain sentences, and the numbers behind them. */
public final class AlertMessage {

    private final String summary;
    private final List<Evidence> evidence = new ArrayList<>();

    private AlertMessage(String summary) {
        this.summary = summary;
    }

    public static AlertMessage of(String summary) {
        return new AlertMessage(summary);
    }

    /** Adds a number; {@code unit} is {@code null} for a pure ratio. */
    public AlertMessage with(String name, double value, String unit) {
        evidence.add(new Evidence(name, value, unit));
        return this;
    }

    public String summary() {
        return summary;
    }

    public List<Evidence> evidence() {
        return List.copyOf(evidence);
    }
}

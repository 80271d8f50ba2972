package dev.gradwatch.commands.alerts;

import dev.gradwatch.schemas.Alert;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The alerts of all partitions that were there at the start, to be shown in the order of their times. */
final class AlertBacklog {

    private static final Comparator<Alert> BY_TIME = Comparator.comparing(Alert::getUpdatedAt)
            .thenComparing(Alert::getRunId)
            .thenComparing(Alert::getAttempt)
            .thenComparing(Alert::getId)
            .thenComparing(Alert::getRevision);

    private final List<Alert> alerts = new ArrayList<>();

    void add(Alert alert) {
        alerts.add(alert);
    }

    List<Alert> inOrder() {
        return alerts.stream().sorted(BY_TIME).toList();
    }
}

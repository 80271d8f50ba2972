package dev.gradwatch.commands.alerts;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Evidence;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.alert.Severity;
import java.time.Instant;

/** From the alert topic's records back to the domain's alerts, so that one printer serves both. */
public final class AlertMessages {

    private AlertMessages() {}

    /** The alert in a record; the run's name and team stay in the record. */
    public static Alert toAlert(dev.gradwatch.schemas.Alert message) {
        return new Alert(
                message.getId(),
                message.getRevision(),
                AlertState.valueOf(message.getState().name()),
                message.getRunId(),
                message.getAttempt(),
                message.getDetector(),
                Severity.valueOf(message.getSeverity().name()),
                message.getSummary(),
                position(message.getOpenedAt(), message.getOpenedStep(), message.getOpenedEpoch()),
                position(message.getUpdatedAt(), null, null),
                message.getResolvedAt() == null
                        ? null
                        : position(message.getResolvedAt(), message.getResolvedStep(), message.getResolvedEpoch()),
                message.getEvidence().stream()
                        .map(e -> new Evidence(e.getName(), e.getValue(), e.getUnit()))
                        .toList(),
                message.getSymptoms(),
                message.getCauses().stream()
                        .map(c -> new ProbableCause(
                                c.getCode(),
                                c.getConfidence(),
                                c.getEvidenceFor(),
                                c.getEvidenceAgainst(),
                                c.getRemedy()))
                        .toList(),
                message.getMissingEvidence(),
                message.getStopRecommended(),
                message.getLastHealthyStep(),
                message.getBestEpoch());
    }

    private static Position position(Instant time, Long step, Double epoch) {
        return new Position(time.toEpochMilli(), step, epoch);
    }
}

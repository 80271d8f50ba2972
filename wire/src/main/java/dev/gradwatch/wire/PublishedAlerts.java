package dev.gradwatch.wire;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Evidence;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.alert.Recovery;
import dev.gradwatch.detection.alert.Severity;
import java.time.Instant;

/** From the alert topic's records back to the domain's alerts, so that one reader of them serves both. The way there is {@link AlertRecords}. */
public final class PublishedAlerts {

    private PublishedAlerts() {}

    /** The alert in a record; what the record says of the run itself stays there. */
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
                message.getBestEpoch(),
                recovery(message.getRecovery()),
                message.getSupersededBy(),
                message.getSupersedes());
    }

    /** Unknown where the record is of a version that did not say, or of a later one whose places do not fit its action. */
    private static Recovery recovery(dev.gradwatch.schemas.Recovery message) {
        if (message == null) {
            return Recovery.UNKNOWN;
        }
        Recovery.Reason reason = Recovery.Reason.valueOf(message.getReason().name());
        return switch (message.getAction()) {
            case CONTINUE -> Recovery.goOn(reason);
            case START_AGAIN -> Recovery.startAgain(reason);
            case GO_BACK_TO_STEP ->
                message.getStep() == null ? Recovery.UNKNOWN : Recovery.goBackTo(message.getStep(), reason);
            case GO_BACK_TO_EPOCH ->
                message.getEpoch() == null ? Recovery.UNKNOWN : Recovery.goBackToEpoch(message.getEpoch(), reason);
            case UNKNOWN -> new Recovery(Recovery.Action.UNKNOWN, null, null, reason);
        };
    }

    private static Position position(Instant time, Long step, Double epoch) {
        return new Position(time.toEpochMilli(), step, epoch);
    }
}

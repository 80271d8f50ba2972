package dev.gradwatch.wire;

import dev.gradwatch.detection.RunSnapshot;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.schemas.Cause;
import dev.gradwatch.schemas.Evidence;
import dev.gradwatch.schemas.OpenAlert;
import dev.gradwatch.schemas.Recovery;
import dev.gradwatch.schemas.RecoveryAction;
import dev.gradwatch.schemas.RecoveryReason;
import dev.gradwatch.schemas.RunPhase;
import dev.gradwatch.schemas.RunStatus;
import java.time.Instant;
import java.util.Map;

/** From what the core says to the records that are published: alerts and the status of a run. */
public final class AlertRecords {

    private AlertRecords() {}

    /**
     * One moment in the life of an alert.
     *
     * @param registration what the run said of itself, or {@code null} when it was never registered
     */
    public static dev.gradwatch.schemas.Alert toAvro(Alert alert, RunStarted registration) {
        dev.gradwatch.schemas.Alert avro = new dev.gradwatch.schemas.Alert();
        avro.setId(alert.id());
        avro.setRevision(alert.revision());
        avro.setState(state(alert.state()));
        avro.setRunId(alert.runId());
        avro.setAttempt(alert.attempt());
        avro.setTags(Map.of());
        if (registration != null) {
            avro.setRunName(registration.name());
            avro.setProject(registration.project());
            avro.setTeam(registration.team());
            avro.setCluster(registration.cluster());
            avro.setGroup(registration.group());
            avro.setTags(registration.tags());
        }
        avro.setDetector(alert.detector());
        avro.setSeverity(severity(alert.severity()));
        avro.setSummary(alert.summary());
        avro.setOpenedAt(time(alert.opened()));
        avro.setOpenedStep(alert.opened().step());
        avro.setOpenedEpoch(alert.opened().epoch());
        avro.setUpdatedAt(time(alert.updated()));
        if (alert.ended() != null) {
            avro.setResolvedAt(time(alert.ended()));
            avro.setResolvedStep(alert.ended().step());
            avro.setResolvedEpoch(alert.ended().epoch());
        }
        avro.setEvidence(alert.evidence().stream()
                .map(e -> new Evidence(e.name(), e.value(), e.unit()))
                .toList());
        avro.setSymptoms(alert.symptoms());
        avro.setCauses(alert.causes().stream()
                .map(c -> new Cause(c.code(), c.confidence(), c.evidenceFor(), c.evidenceAgainst(), c.remedy()))
                .toList());
        avro.setMissingEvidence(alert.missingEvidence());
        avro.setStopRecommended(alert.stopRecommended());
        avro.setLastHealthyStep(alert.lastHealthyStep());
        avro.setBestEpoch(alert.bestEpoch());
        avro.setRecovery(recovery(alert.recovery()));
        avro.setSupersededBy(alert.supersededBy());
        avro.setSupersedes(alert.supersedes());
        return avro;
    }

    private static Recovery recovery(dev.gradwatch.detection.alert.Recovery recovery) {
        return new Recovery(
                RecoveryAction.valueOf(recovery.action().name()),
                recovery.step(),
                recovery.epoch(),
                RecoveryReason.valueOf(recovery.reason().name()));
    }

    /** The latest snapshot of a run. */
    public static RunStatus toAvro(RunSnapshot snapshot) {
        RunStatus avro = new RunStatus();
        avro.setRunId(snapshot.runId());
        avro.setAttempt(snapshot.attempt());
        avro.setPhase(phase(snapshot.phase()));
        RunStarted registration = snapshot.registration();
        avro.setRegistered(registration != null);
        if (registration != null) {
            avro.setRunName(registration.name());
            avro.setProject(registration.project());
            avro.setTeam(registration.team());
            avro.setCluster(registration.cluster());
            avro.setGroup(registration.group());
            avro.setPlannedEpochs(registration.plannedEpochs());
            avro.setPlannedSteps(registration.plannedSteps());
        }
        avro.setUpdatedAt(time(snapshot.at()));
        avro.setStep(snapshot.at().step());
        avro.setEpoch(snapshot.at().epoch());
        avro.setTrainLoss(snapshot.trainLoss());
        avro.setValidationLoss(snapshot.validationLoss());
        avro.setBestValidationLoss(snapshot.bestValidationLoss());
        avro.setBestEpoch(snapshot.bestEpoch());
        avro.setGradientNorm(snapshot.gradientNorm());
        avro.setLearningRate(snapshot.learningRate());
        avro.setOpenAlerts(
                snapshot.openAlerts().stream().map(AlertRecords::openAlert).toList());
        avro.setMissingEvidence(snapshot.missingEvidence());
        avro.setEvents(snapshot.events());
        avro.setDuplicates(snapshot.duplicates());
        avro.setStale(snapshot.stale());
        avro.setIgnored(snapshot.ignored());
        avro.setAlertsHeldBack(snapshot.alertsHeldBack());
        return avro;
    }

    private static OpenAlert openAlert(RunSnapshot.AlertSummary open) {
        return new OpenAlert(
                open.id(),
                open.detector(),
                open.severity().name(),
                open.opened().step(),
                open.opened().epoch());
    }

    private static Instant time(Position position) {
        return Instant.ofEpochMilli(position.timeMillis());
    }

    private static dev.gradwatch.schemas.AlertState state(AlertState state) {
        return switch (state) {
            case OPENED -> dev.gradwatch.schemas.AlertState.OPENED;
            case ESCALATED -> dev.gradwatch.schemas.AlertState.ESCALATED;
            case UPDATED -> dev.gradwatch.schemas.AlertState.UPDATED;
            case RESOLVED -> dev.gradwatch.schemas.AlertState.RESOLVED;
            case CLOSED -> dev.gradwatch.schemas.AlertState.CLOSED;
            case SUPERSEDED -> dev.gradwatch.schemas.AlertState.SUPERSEDED;
        };
    }

    private static dev.gradwatch.schemas.Severity severity(Severity severity) {
        return switch (severity) {
            case INFO -> dev.gradwatch.schemas.Severity.INFO;
            case WARNING -> dev.gradwatch.schemas.Severity.WARNING;
            case CRITICAL -> dev.gradwatch.schemas.Severity.CRITICAL;
        };
    }

    private static RunPhase phase(RunSnapshot.Phase phase) {
        return switch (phase) {
            case REGISTERED -> RunPhase.REGISTERED;
            case TRAINING -> RunPhase.TRAINING;
            case SILENT -> RunPhase.SILENT;
            case FINISHED -> RunPhase.FINISHED;
        };
    }
}

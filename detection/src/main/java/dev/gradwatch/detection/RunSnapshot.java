package dev.gradwatch.detection;

import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import java.util.List;

/**
 * What is known of a run now, for people and for other programs.
 *
 * @param registration the last {@link RunStarted}, or {@code null}
 * @param at event time, step and epoch of the last event
 * @param missingEvidence which detectors are silent for want of which field, as {@code "field: detector, detector"}
 * @param events events applied in all attempts
 * @param duplicates events that had been seen before and changed nothing
 * @param stale events that came too late and changed nothing
 * @param ignored what was left out of its events, a line a field, as {@code "train_accuracy: -1.6, must be 0 to 100.1, or NaN (2 times)"}
 * @param alertsHeldBack notes and warnings that were not opened, in all attempts, because an attempt had opened as many as it may
 */
public record RunSnapshot(
        String runId,
        int attempt,
        Phase phase,
        RunStarted registration,
        Position at,
        Double trainLoss,
        Double validationLoss,
        Double bestValidationLoss,
        Double bestEpoch,
        Double gradientNorm,
        Double learningRate,
        List<AlertSummary> openAlerts,
        List<String> missingEvidence,
        long events,
        long duplicates,
        long stale,
        List<String> ignored,
        long alertsHeldBack) {

    /** A run of which nothing was left out. */
    public RunSnapshot(
            String runId,
            int attempt,
            Phase phase,
            RunStarted registration,
            Position at,
            Double trainLoss,
            Double validationLoss,
            Double bestValidationLoss,
            Double bestEpoch,
            Double gradientNorm,
            Double learningRate,
            List<AlertSummary> openAlerts,
            List<String> missingEvidence,
            long events,
            long duplicates,
            long stale) {
        this(
                runId,
                attempt,
                phase,
                registration,
                at,
                trainLoss,
                validationLoss,
                bestValidationLoss,
                bestEpoch,
                gradientNorm,
                learningRate,
                openAlerts,
                missingEvidence,
                events,
                duplicates,
                stale,
                List.of(),
                0);
    }

    /** Where a run stands. */
    public enum Phase {
        /** Registered, no step or epoch yet. */
        REGISTERED,
        /** Steps or epochs arrive. */
        TRAINING,
        /** Nothing was heard for longer than the run's habit. */
        SILENT,
        /** It said that it ended. */
        FINISHED
    }

    /** An open alert, in short. */
    public record AlertSummary(String id, String detector, Severity severity, Position opened) {}
}

package dev.gradwatch.app.engine;

import dev.gradwatch.detection.RunSnapshot;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.schemas.RunStatus;
import dev.gradwatch.wire.AlertRecords;
import dev.gradwatch.wire.AvroWire;

/**
 * The bytes of what the engine publishes, never more than a producer takes: exactly-once cannot skip a record that it refuses, so sizes are
 * known before anything is forwarded. What is too large goes without the run's registration, whose tags anybody may fill.
 */
final class OutputRecords {

    private final AvroWire<dev.gradwatch.schemas.Alert> alerts;
    private final AvroWire<RunStatus> statuses;
    private final int largestRecordBytes;

    OutputRecords(AvroWire<dev.gradwatch.schemas.Alert> alerts, AvroWire<RunStatus> statuses, int largestRecordBytes) {
        this.alerts = alerts;
        this.statuses = statuses;
        this.largestRecordBytes = largestRecordBytes;
    }

    /** @param registration of the alert's run, or {@code null} */
    byte[] alert(Alert alert, RunStarted registration) {
        byte[] bytes = alerts.encode(AlertRecords.toAvro(alert, registration));
        if (fits(bytes)) {
            return bytes;
        }
        return fitting(alerts.encode(AlertRecords.toAvro(alert, null)), "alert of " + alert.detector());
    }

    byte[] status(RunSnapshot run) {
        byte[] bytes = statuses.encode(AlertRecords.toAvro(run));
        if (fits(bytes)) {
            return bytes;
        }
        RunSnapshot anonymous = new RunSnapshot(
                run.runId(),
                run.attempt(),
                run.phase(),
                null,
                run.at(),
                run.trainLoss(),
                run.validationLoss(),
                run.bestValidationLoss(),
                run.bestEpoch(),
                run.gradientNorm(),
                run.learningRate(),
                run.openAlerts(),
                run.missingEvidence(),
                run.events(),
                run.duplicates(),
                run.stale(),
                run.ignored(),
                run.alertsHeldBack());
        return fitting(statuses.encode(AlertRecords.toAvro(anonymous)), "run status");
    }

    private byte[] fitting(byte[] bytes, String what) {
        if (!fits(bytes)) {
            throw new OutputTooLargeException(
                    "its " + what + " has " + bytes.length + " bytes, more than " + largestRecordBytes);
        }
        return bytes;
    }

    private boolean fits(byte[] bytes) {
        return bytes.length <= largestRecordBytes;
    }
}

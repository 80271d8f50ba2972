package dev.gradwatch.app.scenario;

import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.wire.AlertRecords;
import java.util.ArrayList;
import java.util.List;

/** What the pure core says of one run, as it must stand on the topic of alerts. */
public final class CoreAlerts {

    private CoreAlerts() {}

    public static List<Alert> of(List<RunRecord> records) {
        RunWatch core = new RunWatch(DetectionSettings.defaults());
        RunState state = core.newRun(records.get(0).runId());
        List<Alert> said = new ArrayList<>();
        RunStarted registration = null;
        for (RunRecord record : records) {
            registration = record.event() instanceof RunStarted started ? started : registration;
            RunStarted known = registration;
            core.apply(state, record, alert -> said.add(AlertRecords.toAvro(alert, known)));
        }
        return said;
    }
}

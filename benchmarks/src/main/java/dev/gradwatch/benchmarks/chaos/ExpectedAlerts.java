package dev.gradwatch.benchmarks.chaos;

import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.wire.AlertRecords;
import dev.gradwatch.wire.AvroWire;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the pure core says of the same records, as the bytes that must stand on the alert topic. This is also what a backtest says. */
final class ExpectedAlerts {

    private final RunWatch core;
    private final AvroWire<Alert> wire;
    private final Map<String, RunState> states = new HashMap<>();
    private final Map<String, List<byte[]>> byRun = new LinkedHashMap<>();

    ExpectedAlerts(DetectionSettings settings, AvroWire<Alert> wire) {
        this.core = new RunWatch(settings);
        this.wire = wire;
    }

    void apply(RunRecord record) {
        RunState state = states.computeIfAbsent(record.runId(), core::newRun);
        List<dev.gradwatch.detection.alert.Alert> alerts = new ArrayList<>();
        core.apply(state, record, alerts::add);
        if (!alerts.isEmpty()) {
            var registration = core.snapshot(state).registration();
            for (dev.gradwatch.detection.alert.Alert alert : alerts) {
                byRun.computeIfAbsent(record.runId(), run -> new ArrayList<>())
                        .add(wire.encode(AlertRecords.toAvro(alert, registration)));
            }
        }
    }

    Map<String, List<byte[]>> byRun() {
        return byRun;
    }
}

package dev.gradwatch.commands.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gradwatch.commands.alerts.AlertJson;
import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.recorded.RecordedRun;
import dev.gradwatch.recorded.RecordedRuns;
import dev.gradwatch.schemas.TrustedRecords;
import dev.gradwatch.wire.AlertRecords;
import dev.gradwatch.wire.PublishedAlerts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a backtest says of an alert is, field for field, what the alert topic says of it. */
class AlertJsonTest {

    static {
        TrustedRecords.trust();
    }

    @TempDir
    private Path folder;

    @Test
    void aBacktestSaysTheSameAsTheTopic() throws Exception {
        List<String> lines = new ArrayList<>();
        // A rate that is noted before the first step, a note that becomes a warning, and a fault that takes others
        // over.
        lines.add("{\"trace\":\"r\",\"run\":{\"learning_rate\":1e-9,\"optimizer\":\"adam\"}}");
        for (int i = 0; i < 400; i++) {
            double loss = i < 150 ? 0.5 + 2.5 * Math.exp(-i / 50.0) : 0.6 + 0.05 * (i - 150);
            String norm = i == 80 || i == 100 ? "30.0" : String.valueOf(1 + 0.1 * Math.sin(i));
            lines.add("{\"type\":\"step\",\"step\":" + i + ",\"loss\":" + (loss + 0.01 * Math.cos(3 * i))
                    + ",\"grad_norm\":" + norm + "}");
        }
        lines.add("{\"type\":\"step\",\"step\":400,\"loss\":\"NaN\",\"grad_norm\":1.0}");
        Path file = Files.write(folder.resolve("r.jsonl"), lines);

        List<String> backtest = BacktestedRun.watch(file, new RunWatch(DetectionSettings.defaults())).alerts().stream()
                .map(seen -> AlertJson.line(seen.alert()))
                .toList();

        assertThat(backtest).containsExactlyElementsOf(topic(file));
        List<JsonNode> read = new ArrayList<>();
        for (String line : backtest) {
            read.add(new ObjectMapper().readTree(line));
        }
        assertThat(read).extracting(alert -> alert.get("state").textValue()).contains("superseded");
        JsonNode settings = read.stream()
                .filter(alert -> alert.get("detector").textValue().equals("suspicious-settings"))
                .findFirst()
                .orElseThrow();
        assertThat(settings.get("opened_step").isNull()).isTrue();
        JsonNode nan = read.stream()
                .filter(alert -> alert.get("detector").textValue().equals("non-finite-values"))
                .findFirst()
                .orElseThrow();
        assertThat(nan.get("recovery").get("action").textValue()).isEqualTo("go-back-to-step");
        assertThat(nan.get("recovery").get("step")).isEqualTo(nan.get("last_healthy_step"));
        assertThat(nan.get("recovery").get("text").textValue())
                .startsWith("go back to a checkpoint at or before step ");
        assertThat(nan.get("supersedes")).isNotEmpty();
    }

    /** The last record of each alert, through its bytes. */
    private static List<String> topic(Path file) throws Exception {
        Map<String, String> latest = new LinkedHashMap<>();
        RunWatch core = new RunWatch(DetectionSettings.defaults());
        try (RecordedRun run = RecordedRuns.open(file)) {
            RunState state = core.newRun(run.runId());
            List<Alert> alerts = new ArrayList<>();
            for (RunRecord record = run.next(); record != null; record = run.next()) {
                core.apply(state, record, alerts::add);
            }
            for (Alert alert : alerts) {
                latest.put(alert.id(), AlertJson.line(throughTheTopic(alert, run)));
            }
        }
        return List.copyOf(latest.values());
    }

    private static Alert throughTheTopic(Alert alert, RecordedRun run) throws IOException {
        return PublishedAlerts.toAlert(dev.gradwatch.schemas.Alert.fromByteBuffer(
                AlertRecords.toAvro(alert, run.registration()).toByteBuffer()));
    }
}

package dev.gradwatch.commands.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gradwatch.commands.Main;
import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.recorded.RecordedRun;
import dev.gradwatch.recorded.RecordedRuns;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.Cause;
import dev.gradwatch.wire.AlertRecords;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** {@code backtest --json} over the scenario files prints what the alert topic holds for them. */
class BacktestScenariosTest {

    private static final Path SCENARIOS = Path.of("../streams-app/src/test/resources/scenarios");

    @Test
    void printsWhatTheAlertTopicHolds() throws Exception {
        List<String> expected = new ArrayList<>();
        for (Path file : RecordedRuns.in(SCENARIOS)) {
            latestAlerts(file).values().forEach(alert -> expected.add(line(alert)));
        }

        assertThat(backtest()).containsExactlyInAnyOrderElementsOf(expected).hasSizeGreaterThan(20);
    }

    private static List<String> backtest() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                "backtest",
                "--json",
                SCENARIOS.toString());
        assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isZero();
        ObjectMapper json = new ObjectMapper();
        List<String> lines = new ArrayList<>();
        for (String line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
            lines.add(line(json.readTree(line)));
        }
        return lines;
    }

    /** The last record of each alert of one run, as the wire carries it. */
    private static Map<String, Alert> latestAlerts(Path file) throws Exception {
        Map<String, Alert> latest = new TreeMap<>();
        RunWatch core = new RunWatch(DetectionSettings.defaults());
        RunState state = null;
        RunStarted registration = null;
        try (RecordedRun run = RecordedRuns.open(file)) {
            for (RunRecord record = run.next(); record != null; record = run.next()) {
                state = state == null ? core.newRun(record.runId()) : state;
                registration = record.event() instanceof RunStarted started ? started : registration;
                RunStarted known = registration;
                core.apply(state, record, alert -> latest.put(alert.id(), AlertRecords.toAvro(alert, known)));
            }
        }
        return latest;
    }

    private static String line(Alert alert) {
        // A note on the registration opens before the run has a place; the command gives it the first one.
        boolean early = alert.getOpenedStep() == null && alert.getOpenedEpoch() == null;
        return String.join(
                " ",
                alert.getRunId(),
                alert.getId(),
                alert.getDetector(),
                alert.getSeverity().toString().toLowerCase(Locale.ROOT),
                alert.getState().toString().toLowerCase(Locale.ROOT),
                "attempt " + alert.getAttempt(),
                early ? "early" : alert.getOpenedStep() + "/" + alert.getOpenedEpoch(),
                alert.getResolvedStep() + "/" + alert.getResolvedEpoch(),
                alert.getCauses().stream().map(Cause::getCode).collect(Collectors.joining(",")),
                alert.getSummary());
    }

    private static String line(JsonNode alert) {
        boolean early = alert.get("detector").asText().equals("suspicious-settings");
        return String.join(
                " ",
                alert.get("run").asText(),
                alert.get("id").asText(),
                alert.get("detector").asText(),
                alert.get("severity").asText(),
                alert.get("state").asText(),
                "attempt " + alert.get("attempt").asInt(),
                early
                        ? "early"
                        : alert.get("opened_step").asText() + "/"
                                + alert.get("opened_epoch").asText(),
                alert.get("resolved_step").asText() + "/"
                        + alert.get("resolved_epoch").asText(),
                StreamSupport.stream(alert.get("causes").spliterator(), false)
                        .map(cause -> cause.get("code").asText())
                        .collect(Collectors.joining(",")),
                alert.get("summary").asText());
    }
}

package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gradwatch.app.edge.cli.Main;
import dev.gradwatch.app.scenario.CoreAlerts;
import dev.gradwatch.app.scenario.Delivery;
import dev.gradwatch.app.scenario.Scenario;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.Cause;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every scenario through the topology, all at the same time and over the wire; fewer states fit into memory than there are runs. */
class ScenarioTopologyTest {

    private static final int CACHED_RUNS = 7;
    private static final long SEED = 4;

    @TempDir
    private Path stateDir;

    @Test
    void saysWhatSomebodyWhoTrainsModelsExpects() {
        List<Scenario> scenarios = Scenario.all();
        Map<String, List<Alert>> said = watch(scenarios);

        Map<Scenario, List<String>> problems = new LinkedHashMap<>();
        for (Scenario scenario : scenarios) {
            List<Alert> alerts = said.getOrDefault(scenario.runId(), List.of());
            assertThat(texts(alerts)).as(scenario.scene()).isEqualTo(texts(CoreAlerts.of(scenario.records())));
            problems.put(scenario, scenario.problems(alerts));
        }
        problems.values().removeIf(List::isEmpty);
        assertThat(problems).isEmpty();
    }

    @Test
    void saysWhatABacktestPrints() throws IOException {
        List<String> said = watch(Scenario.all()).values().stream()
                .flatMap(ScenarioTopologyTest::latest)
                .map(ScenarioTopologyTest::line)
                .toList();

        assertThat(backtest()).containsExactlyInAnyOrderElementsOf(said).hasSizeGreaterThan(20);
    }

    private Map<String, List<Alert>> watch(List<Scenario> scenarios) {
        TestSettings settings = new TestSettings(stateDir).cachedRuns(CACHED_RUNS);
        try (EngineDriver engine = new EngineDriver(settings, EngineListener.NONE)) {
            engine.publish(
                    Delivery.together(scenarios.stream().map(Scenario::records).toList(), SEED));
            assertThat(engine.deadLetters()).isEmpty();
            return engine.alerts();
        }
    }

    /** What the command prints for the same files. */
    private static List<String> backtest() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                "backtest",
                "--json",
                Scenario.FOLDER.toString());
        assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isZero();
        ObjectMapper json = new ObjectMapper();
        List<String> lines = new ArrayList<>();
        for (String line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
            lines.add(line(json.readTree(line)));
        }
        return lines;
    }

    /** Alert by alert, the last record of it. */
    private static Stream<Alert> latest(List<Alert> alerts) {
        Map<String, Alert> latest = new TreeMap<>();
        alerts.forEach(alert -> latest.put(alert.getId(), alert));
        return latest.values().stream();
    }

    private static List<String> texts(List<Alert> alerts) {
        return alerts.stream().map(Alert::toString).toList();
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

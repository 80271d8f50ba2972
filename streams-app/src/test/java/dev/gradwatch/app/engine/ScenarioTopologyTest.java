package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.app.scenario.CoreAlerts;
import dev.gradwatch.app.scenario.Delivery;
import dev.gradwatch.app.scenario.Scenario;
import dev.gradwatch.schemas.Alert;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    private Map<String, List<Alert>> watch(List<Scenario> scenarios) {
        TestSettings settings = new TestSettings(stateDir).cachedRuns(CACHED_RUNS);
        try (EngineDriver engine = new EngineDriver(settings, EngineListener.NONE)) {
            // The scenarios are logs of the past; an event far ahead of its record would lose its time.
            engine.jump(Duration.ofDays(365));
            engine.publish(
                    Delivery.together(scenarios.stream().map(Scenario::records).toList(), SEED));
            assertThat(engine.deadLetters()).isEmpty();
            return engine.alerts();
        }
    }

    private static List<String> texts(List<Alert> alerts) {
        return alerts.stream().map(Alert::toString).toList();
    }
}

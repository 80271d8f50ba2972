package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.app.scenario.CoreAlerts;
import dev.gradwatch.app.scenario.Delivery;
import dev.gradwatch.app.scenario.Scenario;
import dev.gradwatch.schemas.Alert;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every scenario in one go through a real broker: several partitions, and every record delivered a second time, late. */
class ScenarioIT {

    private static final int PARTITIONS = 3;
    private static final int DELAY = 5;
    private static final long SEED = 11;

    @TempDir
    private Path folder;

    @Test
    void saysWhatSomebodyWhoTrainsModelsExpects() {
        List<Scenario> scenarios = Scenario.all();
        try (BrokerUnderTest broker = BrokerUnderTest.start(folder.resolve("broker"))) {
            FleetOnBroker fleet = new FleetOnBroker(broker, PARTITIONS);
            EngineSettings settings = EngineUnderTest.settings(broker, fleet.topics, folder.resolve("state"))
                    .build();
            try (EngineUnderTest engine = new EngineUnderTest(settings, fleet.registry, EngineListener.NONE)) {
                fleet.publish(Delivery.together(
                        scenarios.stream()
                                .map(scenario -> Delivery.late(scenario.records(), DELAY))
                                .toList(),
                        SEED));
                fleet.awaitProcessed();
                assertThat(engine.ends).isEmpty();
            }
            assertThat(broker.read(fleet.topics.deadLetters())).isEmpty();
            Map<String, List<Alert>> said = said(broker, fleet);
            Map<Scenario, List<String>> problems = new LinkedHashMap<>();
            for (Scenario scenario : scenarios) {
                List<Alert> alerts = said.getOrDefault(scenario.runId(), List.of());
                assertThat(alerts.stream().map(Alert::toString))
                        .as(scenario.scene())
                        .containsExactlyElementsOf(CoreAlerts.of(scenario.records()).stream()
                                .map(Alert::toString)
                                .toList());
                problems.put(scenario, scenario.problems(alerts));
            }
            problems.values().removeIf(List::isEmpty);
            assertThat(problems).isEmpty();
        }
    }

    private static Map<String, List<Alert>> said(BrokerUnderTest broker, FleetOnBroker fleet) {
        Map<String, List<Alert>> said = new LinkedHashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : broker.read(fleet.topics.alerts())) {
            said.computeIfAbsent(new String(record.key(), StandardCharsets.UTF_8), run -> new ArrayList<>())
                    .add(fleet.wire.alert(record.value()));
        }
        return said;
    }
}

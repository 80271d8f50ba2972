package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.TrainingEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;

/** A fleet that publishes to a broker, and a consumer of its alerts. */
final class FleetOnBroker {

    final Topics topics;
    final InMemoryRegistry registry = new InMemoryRegistry();
    final WireRecords wire;
    private final BrokerUnderTest broker;

    FleetOnBroker(BrokerUnderTest broker, int partitions) {
        this.broker = broker;
        this.topics = broker.newTopics(partitions);
        // The order in which the engine registers them: see EngineProcess.
        new GradwatchTopology(
                        new TestSettings(java.nio.file.Path.of("unused"))
                                .prefix(topics.prefix())
                                .build(),
                        registry,
                        EngineListener.NONE,
                        partition -> false,
                        () -> 0)
                .resolveSchemas(true);
        this.wire = new WireRecords(topics, registry);
    }

    void publish(List<RunRecord> records) {
        broker.publish(records.stream()
                .map(record -> new ProducerRecord<>(
                        topics.trainingEvents(), record.runId().getBytes(StandardCharsets.UTF_8), wire.event(record)))
                .toList());
    }

    /** As publishers do that were built with another version of the schema: the same bytes under another id. */
    void publishWithAnotherSchema(List<RunRecord> records) {
        Schema same = TrainingEvent.getClassSchema();
        Schema renamed = new Schema.Parser().parse(same.toString());
        renamed.addProp("version", "other");
        int id = registry.register("another-value", renamed);
        broker.publish(records.stream()
                .map(record -> {
                    byte[] bytes = wire.event(record);
                    ByteBuffer.wrap(bytes).putInt(1, id);
                    return new ProducerRecord<>(
                            topics.trainingEvents(), record.runId().getBytes(StandardCharsets.UTF_8), bytes);
                })
                .toList());
    }

    void publishRaw(String key, byte[] value) {
        broker.publish(
                List.of(new ProducerRecord<>(topics.trainingEvents(), key.getBytes(StandardCharsets.UTF_8), value)));
    }

    void awaitProcessed() {
        Awaitility.await()
                .atMost(EngineUnderTest.PATIENCE)
                .until(() -> broker.isProcessed(topics.prefix(), topics.trainingEvents()));
    }

    void awaitProcessed(long records) {
        Awaitility.await().atMost(EngineUnderTest.PATIENCE).until(() -> broker.processed(topics.prefix()) >= records);
    }

    /** The alerts on the topic are those that the pure core raises over the same log: none lost, none twice, in order. */
    void assertAlertsAreThoseOfTheCore(List<RunRecord> records) {
        Map<String, List<Alert>> published = new LinkedHashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : broker.read(topics.alerts())) {
            Alert alert = wire.alert(record.value());
            assertThat(new String(record.key(), StandardCharsets.UTF_8)).isEqualTo(alert.getRunId());
            published
                    .computeIfAbsent(alert.getRunId(), run -> new ArrayList<>())
                    .add(alert);
        }
        Map<String, List<Alert>> expected = WireRecords.expected(records);
        assertThat(expected).isNotEmpty();
        assertThat(published).isEqualTo(expected);
    }
}

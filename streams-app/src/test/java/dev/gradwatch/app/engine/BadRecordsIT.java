package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.app.engine.partitions.BadRecords;
import dev.gradwatch.app.engine.partitions.TooManyBadRecordsException;
import dev.gradwatch.detection.event.RunRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.streams.KafkaStreams;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BadRecordsIT {

    @TempDir
    private static Path brokerFolder;

    private static BrokerUnderTest broker;

    @TempDir
    private Path stateDir;

    @BeforeAll
    static void startBroker() {
        broker = BrokerUnderTest.start(brokerFolder);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void setsPoisonOfEveryKindAsideAndGoesOn() {
        FleetOnBroker fleet = new FleetOnBroker(broker, 3);
        List<RunRecord> records = PublishedRuns.fleet("run", 6, 7);
        Map<String, Integer> expected = new HashMap<>();
        List<ProducerRecord<byte[], byte[]>> mixed = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            RunRecord record = records.get(i);
            byte[] key = record.runId().getBytes(StandardCharsets.UTF_8);
            if (i % 50 == 0) {
                fleet.wire.poison(record, fleet.registry).forEach((cause, value) -> {
                    mixed.add(new ProducerRecord<>(fleet.topics.trainingEvents(), key, value));
                    expected.merge(cause, 1, Integer::sum);
                });
                mixed.add(new ProducerRecord<>(fleet.topics.trainingEvents(), null, fleet.wire.event(record)));
                expected.merge("wrong-key", 1, Integer::sum);
            }
            mixed.add(new ProducerRecord<>(fleet.topics.trainingEvents(), key, fleet.wire.event(record)));
        }
        broker.publish(mixed);
        Map<String, Integer> counted = new ConcurrentHashMap<>();
        EngineListener listener = new EngineListener() {
            @Override
            public void deadLetter(String cause) {
                counted.merge(cause, 1, Integer::sum);
            }
        };
        EngineSettings settings = settings(fleet).build();
        try (EngineUnderTest engine = new EngineUnderTest(settings, fleet.registry, listener)) {
            fleet.awaitProcessed();
            assertThat(engine.ends).isEmpty();
        }
        fleet.assertAlertsAreThoseOfTheCore(records);
        assertThat(counted).isEqualTo(expected);
        Map<String, Integer> letters = new HashMap<>();
        Map<String, byte[]> inputs = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> input : broker.read(fleet.topics.trainingEvents())) {
            inputs.put(input.partition() + "/" + input.offset(), input.value());
        }
        for (ConsumerRecord<byte[], byte[]> letter : broker.read(fleet.topics.deadLetters())) {
            letters.merge(header(letter, "gradwatch.cause"), 1, Integer::sum);
            String origin =
                    header(letter, "gradwatch.origin.partition") + "/" + header(letter, "gradwatch.origin.offset");
            assertThat(letter.value()).isEqualTo(inputs.get(origin));
        }
        assertThat(letters).isEqualTo(expected);
    }

    @Test
    void survivesARecordThatIsTooLargeForAnyDeadLetter() throws Exception {
        FleetOnBroker fleet = new FleetOnBroker(broker, 1);
        int thirtyMegabytes = 30 << 20;
        Map<String, String> compressed = Map.of(
                "compression.type", "lz4",
                "max.request.size", Integer.toString(64 << 20),
                "buffer.memory", Integer.toString(128 << 20));
        try (KafkaProducer<byte[], byte[]> producer = broker.producer(compressed)) {
            ProducerRecord<byte[], byte[]> large =
                    new ProducerRecord<>(fleet.topics.trainingEvents(), new byte[1 << 20], new byte[thirtyMegabytes]);
            large.headers().add("large", new byte[5 << 20]);
            producer.send(large).get();
        }
        List<RunRecord> records = PublishedRuns.run("run", 8, 5);
        fleet.publish(records);
        try (EngineUnderTest engine =
                new EngineUnderTest(settings(fleet).build(), fleet.registry, EngineListener.NONE)) {
            fleet.awaitProcessed();
            assertThat(engine.ends).isEmpty();
        }
        fleet.assertAlertsAreThoseOfTheCore(records);
        List<ConsumerRecord<byte[], byte[]>> letters = broker.read(fleet.topics.deadLetters());
        assertThat(letters).hasSize(1);
        assertThat(header(letters.get(0), "gradwatch.full.value.bytes")).isEqualTo(Integer.toString(thirtyMegabytes));
        assertThat(header(letters.get(0), "gradwatch.headers.left.out")).isEqualTo("1");
    }

    @Test
    void stopsInsteadOfSkippingTheWorldWhenThatIsTheChoiceAndLosesNothing() {
        FleetOnBroker fleet = new FleetOnBroker(broker, 1);
        List<RunRecord> records = PublishedRuns.run("run", 9, 5);
        fleet.publish(records.subList(0, 20));
        for (int i = 0; i < 60; i++) {
            fleet.publishRaw("run", ("rubbish " + i).getBytes(StandardCharsets.UTF_8));
        }
        fleet.publish(records.subList(20, records.size()));
        EngineSettings strict = settings(fleet)
                .stopAbove(0.04, 30)
                .whenTooManyBad(BadRecords.Reaction.STOP)
                .build();
        try (EngineUnderTest engine = new EngineUnderTest(strict, fleet.registry, EngineListener.NONE)) {
            Awaitility.await()
                    .atMost(EngineUnderTest.PATIENCE)
                    .until(() -> engine.state() == KafkaStreams.State.ERROR
                            || engine.state() == KafkaStreams.State.NOT_RUNNING);
            assertThat(engine.ends).hasSize(1);
            assertThat(engine.ends.get(0)).isInstanceOf(TooManyBadRecordsException.class);
        }
        // Somebody looked at it and lets them pass.
        EngineSettings lenient = settings(fleet).stopAbove(1, 30).build();
        try (EngineUnderTest engine = new EngineUnderTest(lenient, fleet.registry, EngineListener.NONE)) {
            fleet.awaitProcessed();
            assertThat(engine.ends).isEmpty();
        }
        fleet.assertAlertsAreThoseOfTheCore(records);
        assertThat(broker.read(fleet.topics.deadLetters())).hasSize(60);
    }

    private TestSettings settings(FleetOnBroker fleet) {
        return EngineUnderTest.settings(broker, fleet.topics, stateDir);
    }

    private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}

package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.app.engine.state.RunStateStore;
import dev.gradwatch.app.engine.state.StoredRun;
import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.state.RunStateCodec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fails when an upgrade of Kafka Streams changes the hook on which {@link RunStateStore} depends. */
class WriteBehindIT {

    @TempDir
    private static Path brokerFolder;

    private static BrokerUnderTest broker;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startBroker() {
        broker = BrokerUnderTest.start(brokerFolder);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void hasEveryStateInTheChangelogWhenTheInputIsCommitted() {
        FleetOnBroker fleet = new FleetOnBroker(broker, 3);
        List<RunRecord> records = unfinished(PublishedRuns.fleet("run", 9, 1));
        fleet.publish(records);
        try (EngineUnderTest engine = engine(fleet, "one", 1000)) {
            fleet.awaitProcessed();
            // Before the engine is closed: a commit alone must have written them.
            assertThat(statesInChangelog(fleet)).isEqualTo(statesOfTheCore(records));
            assertThat(engine.ends).isEmpty();
        }
    }

    @Test
    void hasThemThereAlsoWhenStatesLeaveMemoryAllTheTime() {
        FleetOnBroker fleet = new FleetOnBroker(broker, 3);
        List<RunRecord> records = unfinished(PublishedRuns.fleet("run", 9, 2));
        fleet.publish(records);
        try (EngineUnderTest engine = engine(fleet, "one", 1)) {
            fleet.awaitProcessed();
            assertThat(statesInChangelog(fleet)).isEqualTo(statesOfTheCore(records));
            assertThat(engine.ends).isEmpty();
        }
    }

    @Test
    void goesOnFromTheChangelogOnAnotherMachine() {
        FleetOnBroker fleet = new FleetOnBroker(broker, 3);
        List<RunRecord> records = PublishedRuns.fleet("run", 9, 3);
        int half = records.size() / 2;
        fleet.publish(records.subList(0, half));
        try (EngineUnderTest engine = engine(fleet, "one", 1000)) {
            fleet.awaitProcessed();
            assertThat(engine.ends).isEmpty();
        }
        fleet.publish(records.subList(half, records.size()));
        try (EngineUnderTest engine = engine(fleet, "another", 1000)) {
            fleet.awaitProcessed();
            fleet.assertAlertsAreThoseOfTheCore(records);
            assertThat(engine.ends).isEmpty();
        }
    }

    @Test
    void goesOnFromItsOwnFilesAfterARestart() {
        FleetOnBroker fleet = new FleetOnBroker(broker, 3);
        List<RunRecord> records = PublishedRuns.fleet("run", 9, 4);
        int third = records.size() / 3;
        for (int part = 0; part < 3; part++) {
            fleet.publish(records.subList(part * third, part == 2 ? records.size() : (part + 1) * third));
            try (EngineUnderTest engine = engine(fleet, "same", 4)) {
                fleet.awaitProcessed();
                assertThat(engine.ends).isEmpty();
            }
        }
        fleet.assertAlertsAreThoseOfTheCore(records);
    }

    private EngineUnderTest engine(FleetOnBroker fleet, String machine, int cachedRuns) {
        EngineSettings settings = EngineUnderTest.settings(broker, fleet.topics, folder.resolve(machine))
                .cachedRuns(cachedRuns)
                .build();
        return new EngineUnderTest(settings, fleet.registry, EngineListener.NONE);
    }

    private static List<RunRecord> unfinished(List<RunRecord> records) {
        return records.subList(0, records.size() * 2 / 3);
    }

    private static Map<String, List<Byte>> statesInChangelog(FleetOnBroker fleet) {
        String changelog = Stores.runStatesChangelog(fleet.topics.prefix());
        Map<String, List<Byte>> states = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : broker.read(changelog)) {
            String runId = new String(record.key(), StandardCharsets.UTF_8);
            states.put(runId, bytes(StoredRun.decode(runId, record.value()).state()));
        }
        return states;
    }

    private static Map<String, List<Byte>> statesOfTheCore(List<RunRecord> records) {
        RunWatch core = new RunWatch(DetectionSettings.defaults());
        Map<String, RunState> states = new HashMap<>();
        for (RunRecord record : records) {
            core.apply(states.computeIfAbsent(record.runId(), core::newRun), record, alert -> {});
        }
        Map<String, List<Byte>> encoded = new HashMap<>();
        states.forEach((runId, state) -> encoded.put(runId, bytes(state)));
        return encoded;
    }

    private static List<Byte> bytes(RunState state) {
        byte[] bytes = new RunStateCodec().encode(state);
        List<Byte> list = new java.util.ArrayList<>(bytes.length);
        for (byte b : bytes) {
            list.add(b);
        }
        return list;
    }
}

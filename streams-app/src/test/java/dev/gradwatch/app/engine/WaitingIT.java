package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gradwatch.detection.event.RunRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is not there yet, or not now: the registry, the end of the topic, the topics. */
class WaitingIT {

    @TempDir
    private static Path brokerFolder;

    private static BrokerUnderTest broker;

    @TempDir
    private Path stateDir;

    private final List<Boolean> waiting = new CopyOnWriteArrayList<>();
    private final EngineListener listener = new EngineListener() {
        @Override
        public void registryWaiting(boolean waits) {
            waiting.add(waits);
        }
    };

    @BeforeAll
    static void startBroker() {
        broker = BrokerUnderTest.start(brokerFolder);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void sitsOutARegistryOutageThatOutlastsItsTransaction() throws InterruptedException {
        outlastsAnOutage(Duration.ofMinutes(1), 30);
    }

    @Test
    void startsThreadsOverWhenPatienceEndsAndLosesNothing() throws InterruptedException {
        outlastsAnOutage(Duration.ofSeconds(1), 30);
    }

    private void outlastsAnOutage(Duration patience, int share) throws InterruptedException {
        FleetOnBroker fleet = new FleetOnBroker(broker, 2);
        List<RunRecord> records = PublishedRuns.fleet("run", 6, 10);
        int part = records.size() * share / 100;
        EngineSettings settings = EngineUnderTest.settings(broker, fleet.topics, stateDir)
                .registryPatience(patience)
                .kafka("producer.transaction.timeout.ms", "3000")
                .build();
        fleet.publish(records.subList(0, part));
        try (EngineUnderTest engine = new EngineUnderTest(settings, fleet.registry, listener)) {
            fleet.awaitProcessed();
            // A schema that nobody has seen yet, published while the registry is away.
            fleet.registry.down(true);
            fleet.publish(records.subList(part, 2 * part));
            fleet.publishWithAnotherSchema(records.subList(2 * part, records.size()));
            Awaitility.await().atMost(EngineUnderTest.PATIENCE).until(() -> waiting.contains(true));
            TimeUnit.SECONDS.sleep(5);
            fleet.registry.down(false);
            fleet.awaitProcessed();
            assertThat(engine.ends).isEmpty();
        }
        assertThat(waiting.get(waiting.size() - 1)).isFalse();
        fleet.assertAlertsAreThoseOfTheCore(records);
        assertThat(broker.read(fleet.topics.deadLetters())).isEmpty();
    }

    @Test
    void closesAtOnceWhileItWaitsForTheRegistry() {
        FleetOnBroker fleet = new FleetOnBroker(broker, 1);
        EngineSettings settings =
                EngineUnderTest.settings(broker, fleet.topics, stateDir).build();
        EngineUnderTest engine = new EngineUnderTest(settings, fleet.registry, listener);
        engine.awaitRunning();
        fleet.registry.down(true);
        fleet.publishWithAnotherSchema(PublishedRuns.run("run", 1, 99));
        Awaitility.await().atMost(EngineUnderTest.PATIENCE).until(() -> waiting.contains(true));
        engine.close();
        assertThat(engine.ends).isEmpty();
        assertThat(engine.state().hasCompletedShutdown()).isTrue();
    }

    @Test
    void knowsThatAnIdlePartitionIsCaughtUpAlsoAfterARestart() {
        FleetOnBroker fleet = new FleetOnBroker(broker, 2);
        EngineSettings settings =
                EngineUnderTest.settings(broker, fleet.topics, stateDir).build();
        fleet.publish(PublishedRuns.run("run", 11, 99));
        for (int start = 0; start < 2; start++) {
            try (EngineUnderTest engine = new EngineUnderTest(settings, fleet.registry, listener)) {
                engine.awaitRunning();
                Awaitility.await()
                        .atMost(EngineUnderTest.PATIENCE)
                        .until(() -> engine.catchUp.caughtUp(0) && engine.catchUp.caughtUp(1));
            }
        }
    }

    @Test
    void saysWhatIsWrongWithTheTopicsBeforeItStarts() throws Exception {
        FleetOnBroker fleet = new FleetOnBroker(broker, 2);
        EngineSettings settings =
                EngineUnderTest.settings(broker, fleet.topics, stateDir).build();
        try (Admin admin = broker.admin()) {
            assertThatCode(() -> new TopicCheck(admin, settings).check()).doesNotThrowAnyException();
            EngineSettings elsewhere = EngineUnderTest.settings(broker, new Topics("nowhere"), stateDir)
                    .build();
            assertThatThrownBy(() -> new TopicCheck(admin, elsewhere).check())
                    .isInstanceOf(TopicCheckException.class)
                    .hasMessageContaining("nowhere.training-events.v1 does not exist")
                    .hasMessageContaining("nowhere.alerts.v1 does not exist")
                    .hasMessageContaining("gradwatch topics create");
            fleet.publish(PublishedRuns.run("run", 12, 99));
            try (EngineUnderTest engine = new EngineUnderTest(settings, fleet.registry, listener)) {
                fleet.awaitProcessed();
                assertThat(engine.ends).isEmpty();
            }
            assertThatCode(() -> new TopicCheck(admin, settings).check()).doesNotThrowAnyException();
            admin.createPartitions(Map.of(fleet.topics.trainingEvents(), NewPartitions.increaseTo(3)))
                    .all()
                    .get();
            Awaitility.await()
                    .untilAsserted(() -> assertThatThrownBy(() -> new TopicCheck(admin, settings).check())
                            .isInstanceOf(TopicCheckException.class)
                            .hasMessageContaining("has 3 partitions")
                            .hasMessageContaining("was made for 2"));
        }
    }
}

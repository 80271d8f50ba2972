package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.event.RunRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExactlyOnceIT {

    private static final int PARTITIONS = 4;

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
    void losesAndRepeatsNothingWhenItIsKilledBetweenCommits() throws IOException, InterruptedException {
        FleetOnBroker fleet = new FleetOnBroker(broker, PARTITIONS);
        List<RunRecord> records = PublishedRuns.fleet("run", 60, 5);
        EngineSettings settings = EngineUnderTest.settings(broker, fleet.topics, folder.resolve("state"))
                .cachedRuns(8)
                .kafka("main.consumer.max.poll.records", "10")
                .build();
        int part = records.size() / 4;
        for (int i = 0; i < 3; i++) {
            fleet.publish(records.subList(i * part, (i + 1) * part));
            Process process = EngineProcess.start(settings, folder.resolve("engine.log"));
            try {
                // In the middle of the part: some of it is committed, more is processed.
                fleet.awaitProcessed(i * (long) part + part / 3);
            } finally {
                process.destroyForcibly();
            }
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        fleet.publish(records.subList(3 * part, records.size()));
        try (EngineUnderTest engine = new EngineUnderTest(settings, fleet.registry, EngineListener.NONE)) {
            fleet.awaitProcessed();
            assertThat(engine.ends).isEmpty();
        }
        fleet.assertAlertsAreThoseOfTheCore(records);
    }

    @Test
    void losesAndRepeatsNothingWhenInstancesComeAndGo() {
        FleetOnBroker fleet = new FleetOnBroker(broker, PARTITIONS);
        List<RunRecord> records = PublishedRuns.fleet("run", 40, 6);
        int part = records.size() / 4;
        try (EngineUnderTest first = engine(fleet, "first")) {
            fleet.publish(records.subList(0, part));
            fleet.awaitProcessed(part / 2);
            try (EngineUnderTest second = engine(fleet, "second")) {
                fleet.publish(records.subList(part, 2 * part));
                second.awaitRunning();
                fleet.awaitProcessed(part + part / 2);
                first.leave();
                fleet.publish(records.subList(2 * part, 3 * part));
                fleet.awaitProcessed(2L * part + part / 2);
                try (EngineUnderTest third = engine(fleet, "first")) {
                    fleet.publish(records.subList(3 * part, records.size()));
                    fleet.awaitProcessed();
                    assertThat(third.ends).isEmpty();
                }
                assertThat(second.ends).isEmpty();
            }
            assertThat(first.ends).isEmpty();
        }
        fleet.assertAlertsAreThoseOfTheCore(records);
    }

    private EngineUnderTest engine(FleetOnBroker fleet, String machine) {
        EngineSettings settings = EngineUnderTest.settings(broker, fleet.topics, folder.resolve(machine))
                .build();
        return new EngineUnderTest(settings, fleet.registry, EngineListener.NONE);
    }
}

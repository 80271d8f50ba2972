package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.event.RunRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A partition whose runs became unusable is paused; all others go on, and nothing is skipped or repeated. */
class PausedPartitionIT {

    private static final int PARTITIONS = 2;
    private static final int BAD = 700;

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
    void pausesOnePartitionUntilItIsResumedAndLosesNothing() {
        FleetOnBroker fleet = new FleetOnBroker(broker, PARTITIONS);
        List<String> failing = runsOf(0);
        List<String> healthy = runsOf(1);
        List<RunRecord> failingRecords = records(failing);
        List<RunRecord> healthyRecords = records(healthy);
        int half = failingRecords.size() / 2;
        try (EngineUnderTest engine = engine(fleet, "first")) {
            fleet.publish(failingRecords.subList(0, half));
            fleet.publish(healthyRecords.subList(0, half));
            fleet.awaitProcessed();
            publishBad(fleet, failing);
            await(() -> engine.pausedPartitions().isPaused(0));
            fleet.publish(failingRecords.subList(half, failingRecords.size()));
            fleet.publish(healthyRecords.subList(half, healthyRecords.size()));
            await(() -> broker.isProcessed(fleet.topics.prefix(), fleet.topics.trainingEvents(), 1));
            assertThat(engine.state().isRunningOrRebalancing()).isTrue();
            assertThat(broker.isProcessed(fleet.topics.prefix(), fleet.topics.trainingEvents(), 0))
                    .isFalse();
            // A rebalance that leaves the partition where it is, or gives it away, where it is judged anew.
            try (EngineUnderTest second = engine(fleet, "second")) {
                second.awaitRunning();
            }
            engine.awaitRunning();
            await(() -> {
                engine.pausedPartitions().resume(0);
                return broker.isProcessed(fleet.topics.prefix(), fleet.topics.trainingEvents());
            });
            assertThat(engine.ends).isEmpty();
        }
        List<RunRecord> all = new ArrayList<>(failingRecords);
        all.addAll(healthyRecords);
        fleet.assertAlertsAreThoseOfTheCore(all);
        assertThat(broker.read(fleet.topics.deadLetters())).hasSize(BAD);
    }

    private void publishBad(FleetOnBroker fleet, List<String> runs) {
        List<ProducerRecord<byte[], byte[]>> bad = IntStream.range(0, BAD)
                .mapToObj(i -> new ProducerRecord<>(
                        fleet.topics.trainingEvents(),
                        runs.get(i % runs.size()).getBytes(StandardCharsets.UTF_8),
                        ("rubbish " + i).getBytes(StandardCharsets.UTF_8)))
                .toList();
        broker.publish(bad);
    }

    /** All of them at the same time, so that half of the records are a half of each run. */
    private static List<RunRecord> records(List<String> runs) {
        List<List<RunRecord>> byRun = runs.stream()
                .map(run -> PublishedRuns.run(run, run.hashCode(), 5))
                .toList();
        List<RunRecord> records = new ArrayList<>();
        for (int i = 0; i < byRun.get(0).size(); i++) {
            for (List<RunRecord> run : byRun) {
                records.add(run.get(i));
            }
        }
        return records;
    }

    private static List<String> runsOf(int partition) {
        return IntStream.range(0, 1000)
                .mapToObj(i -> "run-" + i)
                .filter(run ->
                        Utils.toPositive(Utils.murmur2(run.getBytes(StandardCharsets.UTF_8))) % PARTITIONS == partition)
                .limit(8)
                .toList();
    }

    private EngineUnderTest engine(FleetOnBroker fleet, String machine) {
        EngineSettings settings = EngineUnderTest.settings(broker, fleet.topics, folder.resolve(machine))
                .stopAbove(0.5, 100)
                .build();
        return new EngineUnderTest(settings, fleet.registry, EngineListener.NONE);
    }

    private static void await(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(200))
                .atMost(EngineUnderTest.PATIENCE)
                .until(condition);
    }
}

package dev.gradwatch.app.engine;

import dev.gradwatch.app.engine.state.RunStateStore;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.RunStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;

/** The whole topology in one thread, with a clock that only tests move. It commits after every record. */
final class EngineDriver implements AutoCloseable {

    final InMemoryRegistry registry = new InMemoryRegistry();
    final AtomicBoolean caughtUp = new AtomicBoolean(true);
    final WireRecords wire;
    private final AtomicLong wallClock = new AtomicLong(PublishedRuns.START);
    private final TopologyTestDriver driver;
    private final TestInputTopic<byte[], byte[]> events;
    private final TestOutputTopic<String, byte[]> alerts;
    private final TestOutputTopic<String, byte[]> statuses;
    private final TestOutputTopic<byte[], byte[]> deadLetters;

    EngineDriver(TestSettings settings, EngineListener listener) {
        EngineSettings built = settings.build();
        GradwatchTopology topology =
                new GradwatchTopology(built, registry, listener, partition -> caughtUp.get(), wallClock::get);
        topology.resolveSchemas(true);
        wire = new WireRecords(built.topics(), registry);
        driver = new TopologyTestDriver(
                topology.build(), topology.streamsProperties(), Instant.ofEpochMilli(wallClock.get()));
        events = driver.createInputTopic(
                built.topics().trainingEvents(), new ByteArraySerializer(), new ByteArraySerializer());
        alerts = driver.createOutputTopic(
                built.topics().alerts(), new StringDeserializer(), new ByteArrayDeserializer());
        statuses = driver.createOutputTopic(
                built.topics().runStatus(), new StringDeserializer(), new ByteArrayDeserializer());
        deadLetters = driver.createOutputTopic(
                built.topics().deadLetters(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    void publish(RunRecord record) {
        publish(record.runId(), wire.event(record));
    }

    void publish(List<RunRecord> records) {
        records.forEach(this::publish);
    }

    void publish(String key, byte[] value) {
        byte[] keyBytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
        events.pipeInput(new TestRecord<>(keyBytes, value, Instant.ofEpochMilli(wallClock.get())));
    }

    /** Lets time pass, second by second as it does for the service. */
    void pass(Duration time) {
        for (long seconds = time.toSeconds(); seconds > 0; seconds--) {
            wallClock.addAndGet(1000);
            driver.advanceWallClockTime(Duration.ofSeconds(1));
        }
    }

    /** Lets time pass in which the service does nothing. */
    void jump(Duration time) {
        wallClock.addAndGet(time.toMillis());
        driver.advanceWallClockTime(time);
    }

    /** New alerts, run by run. */
    Map<String, List<Alert>> alerts() {
        Map<String, List<Alert>> byRun = new LinkedHashMap<>();
        for (KeyValue<String, byte[]> record : alerts.readKeyValuesToList()) {
            byRun.computeIfAbsent(record.key, run -> new ArrayList<>()).add(wire.alert(record.value));
        }
        return byRun;
    }

    /** New statuses in order; {@code null} says that the run is forgotten. */
    List<KeyValue<String, RunStatus>> statuses() {
        return statuses.readKeyValuesToList().stream()
                .map(record -> KeyValue.pair(record.key, wire.status(record.value)))
                .toList();
    }

    List<TestRecord<byte[], byte[]>> deadLetters() {
        return deadLetters.readRecordsToList();
    }

    RunStateStore store() {
        return (RunStateStore) driver.getStateStore(Stores.RUN_STATES);
    }

    @Override
    public void close() {
        driver.close();
    }
}

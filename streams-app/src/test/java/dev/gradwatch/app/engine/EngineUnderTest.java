package dev.gradwatch.app.engine;

import dev.gradwatch.app.engine.partitions.PausedPartitions;
import dev.gradwatch.wire.SchemaRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.awaitility.Awaitility;

/** The engine as the service starts it. */
final class EngineUnderTest implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(90);

    final LagCatchUp catchUp;
    final List<Throwable> ends = new CopyOnWriteArrayList<>();
    private final GradwatchTopology topology;
    private final KafkaStreams streams;

    EngineUnderTest(EngineSettings settings, SchemaRegistry registry, EngineListener listener) {
        catchUp = new LagCatchUp(settings.topics());
        topology = new GradwatchTopology(settings, registry, listener, catchUp, System::currentTimeMillis);
        topology.resolveSchemas(true);
        streams = new KafkaStreams(topology.build(), topology.streamsProperties(), topology.clients());
        streams.setUncaughtExceptionHandler(topology.failurePolicy(ends::add));
        catchUp.readFrom(streams::metrics);
        streams.start();
    }

    /** Settings for a test: failures are noticed in seconds, restores read what they must. */
    static TestSettings settings(BrokerUnderTest broker, Topics topics, Path stateDir) {
        TestSettings settings = new TestSettings(stateDir)
                .applicationId(topics.prefix())
                .prefix(topics.prefix())
                .threads(2)
                .commitInterval(Duration.ofMillis(200));
        Map<String, String> quick = Map.of(
                "bootstrap.servers", broker.bootstrapServers(),
                "main.consumer.session.timeout.ms", "6000",
                "main.consumer.heartbeat.interval.ms", "500",
                "main.consumer.max.poll.records", "100");
        quick.forEach(settings::kafka);
        return settings;
    }

    PausedPartitions pausedPartitions() {
        return topology.pausedPartitions();
    }

    KafkaStreams.State state() {
        return streams.state();
    }

    void awaitRunning() {
        Awaitility.await().atMost(PATIENCE).until(() -> streams.state() == KafkaStreams.State.RUNNING);
    }

    @Override
    public void close() {
        leave();
    }

    /** Stops in order and leaves the group; a second time does nothing. */
    void leave() {
        topology.stop();
        streams.close(CloseOptions.timeout(Duration.ofSeconds(60))
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    }
}

package dev.gradwatch.app.service;

import dev.gradwatch.app.engine.EngineSettings;
import dev.gradwatch.app.engine.GradwatchTopology;
import dev.gradwatch.app.engine.LagCatchUp;
import dev.gradwatch.app.service.http.Health;
import dev.gradwatch.app.service.metrics.Telemetry;
import dev.gradwatch.wire.SchemaRegistry;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;

/** The Kafka Streams application of one start of the service: prepared, started once, closed once. */
final class StreamsRun {

    private final EngineSettings settings;
    private final LagCatchUp catchUp;
    private final GradwatchTopology topology;
    private volatile KafkaStreams streams;
    private boolean closed;

    StreamsRun(EngineSettings settings, SchemaRegistry registry, Telemetry telemetry) {
        this.settings = settings;
        this.catchUp = new LagCatchUp(settings.topics());
        this.topology =
                new GradwatchTopology(settings, registry, telemetry.listener(), catchUp, System::currentTimeMillis);
    }

    /** Finds or registers the schemas that will be written; throws what the registry throws. */
    void resolveSchemas(boolean register) {
        topology.resolveSchemas(register);
    }

    /**
     * Starts processing, unless it was closed before.
     *
     * @param onFailure is told what ends the processing, on a thread of Kafka Streams that must not be held up
     */
    synchronized void start(Telemetry telemetry, Consumer<Throwable> onFailure) {
        if (closed) {
            return;
        }
        KafkaStreams started = new KafkaStreams(topology.build(), topology.streamsProperties(), topology.clients());
        started.setUncaughtExceptionHandler(topology.failurePolicy(onFailure));
        started.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.ERROR) {
                onFailure.accept(new IllegalStateException("every stream thread has failed; the log says why"));
            }
        });
        catchUp.readFrom(started::metrics);
        telemetry.watch(started);
        streams = started;
        started.start();
    }

    /** A watch over the partitions that this start reads. */
    PartitionWatch partitionWatch(Telemetry telemetry, Supplier<Admin> admin) {
        return new PartitionWatch(
                settings.topics().trainingEvents(),
                topology.progressWatch(),
                topology.pausedPartitions(),
                telemetry.partitions(),
                admin);
    }

    boolean isStarted() {
        return streams != null;
    }

    /** Whether state is restored and records are processed. */
    Health.Check check() {
        KafkaStreams running = streams;
        if (running == null) {
            return new Health.Check("streams", false, "starting");
        }
        KafkaStreams.State state = running.state();
        String detail = switch (state) {
            case RUNNING ->
                settings.streamThreads() + " threads process "
                        + settings.topics().trainingEvents();
            case CREATED, REBALANCING -> "partitions are assigned and state is restored";
            default -> "Kafka Streams is " + state;
        };
        return new Health.Check("streams", state == KafkaStreams.State.RUNNING, detail);
    }

    /**
     * Commits and stops.
     *
     * @return whether it was done within the bound
     */
    synchronized boolean close(Duration bound) {
        closed = true;
        topology.stop();
        KafkaStreams running = streams;
        if (running == null) {
            return true;
        }
        // Leaving at once lets others watch our runs from now on, instead of after the session has timed out. An
        // instance
        // with a name is about to come back: for it nobody has to hand over anything.
        CloseOptions.GroupMembershipOperation membership = settings.instanceId().isEmpty()
                ? CloseOptions.GroupMembershipOperation.LEAVE_GROUP
                : CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP;
        return running.close(CloseOptions.groupMembershipOperation(membership).withTimeout(bound));
    }
}

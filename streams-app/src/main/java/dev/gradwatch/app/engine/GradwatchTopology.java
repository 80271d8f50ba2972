package dev.gradwatch.app.engine;

import dev.gradwatch.app.engine.failure.DeadLetters;
import dev.gradwatch.app.engine.failure.FailurePolicy;
import dev.gradwatch.app.engine.failure.RegistryRetry;
import dev.gradwatch.app.engine.failure.StopSignal;
import dev.gradwatch.app.engine.partitions.BadRecords;
import dev.gradwatch.app.engine.partitions.PartitionProgress;
import dev.gradwatch.app.engine.partitions.PausableClients;
import dev.gradwatch.app.engine.partitions.PausedPartitions;
import dev.gradwatch.app.engine.partitions.ProgressWatch;
import dev.gradwatch.app.engine.state.RunStateStoreBuilder;
import dev.gradwatch.app.engine.state.SharedBound;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.RunStatus;
import dev.gradwatch.schemas.TrainingEvent;
import dev.gradwatch.wire.AvroWire;
import dev.gradwatch.wire.RegistryRejectedException;
import dev.gradwatch.wire.RegistryUnavailableException;
import dev.gradwatch.wire.SchemaNotFoundException;
import dev.gradwatch.wire.SchemaRegistry;
import java.util.Arrays;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole Kafka Streams application as one object, from which running, cleaning and testing start, so that tests exercise what runs.
 *
 * <p>In the order of use: {@link #resolveSchemas}, {@link #build()} with {@link #streamsProperties()} and {@link #clients()}, {@link #failurePolicy}, and
 * {@link #stop()} before the streams are closed. Thread-safe; use each object for one start.
 */
public final class GradwatchTopology {

    private static final Logger LOG = LoggerFactory.getLogger(GradwatchTopology.class);
    private static final Pattern NEIGHBOURS = Pattern.compile("(\\s*(?:-->|<--) )(.+)");

    private final EngineSettings settings;
    private final SchemaRegistry registry;
    private final EngineListener listener;
    private final CatchUp catchUp;
    private final LongSupplier wallClock;
    private final int largestRecordBytes;
    private final StopSignal stop = new StopSignal();
    private final RegistryRetry retry;
    private final PausedPartitions paused = new PausedPartitions(System::nanoTime);
    private final PartitionProgress progress = new PartitionProgress(System::nanoTime);
    private final BadRecords badRecords;
    private final SharedBound liveRuns;
    private final SharedBound knownRuns;
    private final DeadLetters deadLetters;

    /**
     * Takes all that the application needs; nothing is contacted before {@link #resolveSchemas}.
     *
     * @param wallClock milliseconds since 1970, for latencies; silence follows the clock of Kafka Streams
     */
    public GradwatchTopology(
            EngineSettings settings,
            SchemaRegistry registry,
            EngineListener listener,
            CatchUp catchUp,
            LongSupplier wallClock) {
        this.settings = settings;
        this.registry = registry;
        this.listener = listener;
        this.catchUp = catchUp;
        this.wallClock = wallClock;
        this.largestRecordBytes = EngineProperties.largestRecordBytes(settings);
        this.retry = new RegistryRetry(settings.registryPatience(), stop, listener::registryWaiting);
        this.liveRuns = new SharedBound(settings.liveRuns());
        this.knownRuns = new SharedBound(settings.knownRuns());
        this.badRecords = new BadRecords(
                settings.maxDeadLetterShare(),
                settings.minDeadLetters(),
                settings.whenTooManyDeadLetters(),
                paused,
                System::nanoTime);
        this.deadLetters = new DeadLetters(
                settings.applicationId(), largestRecordBytes, badRecords, listener, Nodes.WRITE_DEAD_LETTERS);
    }

    /**
     * Looks up the schemas that will be written, so that a missing one is known before the first record is read.
     *
     * @param register whether they, and the schema that is read, may be registered where they are missing
     */
    public void resolveSchemas(boolean register) {
        if (register) {
            wire(TrainingEvent.class, settings.topics().trainingEvents(), true).schemaId();
        }
        wire(Alert.class, settings.topics().alerts(), register).schemaId();
        wire(RunStatus.class, settings.topics().runStatus(), register).schemaId();
        warnOfWeakCompatibility();
    }

    /** A registry that does not tell is no reason not to start. */
    private void warnOfWeakCompatibility() {
        String subject = settings.topics().trainingEvents() + "-value";
        try {
            registry.compatibility(subject)
                    .filter(level -> !level.equals(SchemaRegistry.SAFE_COMPATIBILITY))
                    .ifPresent(level -> LOG.warn(
                            "Subject {} allows changes of its schema that this service cannot read (compatibility {}): set {},"
                                    + " as 'gradwatch schemas register' does",
                            subject,
                            level,
                            SchemaRegistry.SAFE_COMPATIBILITY));
        } catch (RegistryUnavailableException | RegistryRejectedException | SchemaNotFoundException e) {
            LOG.debug("The compatibility of subject {} is not known: {}", subject, e.getMessage());
        }
    }

    public Topology build() {
        Topology topology = new Topology(new TopologyConfig(new StreamsConfig(streamsProperties())));

        // What runs say, as bytes: a deserializer that fails would decide over bad records without us.
        topology.addSource(
                AutoOffsetReset.earliest(),
                Nodes.READ_TRAINING_EVENTS,
                new BoundedTimestamps(wallClock),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                settings.topics().trainingEvents());

        // Apart from the watching, because what fails here says nothing of any run and needs no state.
        topology.addProcessor(
                Nodes.DECODE_EVENT,
                () -> new DecodeEvent(
                        wire(TrainingEvent.class, settings.topics().trainingEvents(), false),
                        retry,
                        deadLetters,
                        progress),
                Nodes.READ_TRAINING_EVENTS);

        // The one stateful stage: everything about a run is decided in the order in which the run said it.
        topology.addProcessor(
                Nodes.WATCH_RUN,
                () -> new WatchRun(
                        settings,
                        outputs(),
                        deadLetters,
                        badRecords,
                        paused,
                        progress,
                        knownRuns,
                        listener,
                        catchUp,
                        wallClock),
                Nodes.DECODE_EVENT);
        topology.addStateStore(new RunStateStoreBuilder(Stores.RUN_STATES, liveRuns, listener), Nodes.WATCH_RUN);

        // Every change of every alert, for whoever acts on it.
        topology.addSink(
                Nodes.WRITE_ALERTS,
                settings.topics().alerts(),
                new StringSerializer(),
                new ByteArraySerializer(),
                Nodes.WATCH_RUN);

        // How each run stands now, for whoever wants to look without knowing its history.
        topology.addSink(
                Nodes.WRITE_RUN_STATUS,
                settings.topics().runStatus(),
                new StringSerializer(),
                new ByteArraySerializer(),
                Nodes.WATCH_RUN);

        // Nothing is dropped silently: what could not be used is kept with the reason, in the transaction that moves
        // past it.
        topology.addSink(
                Nodes.WRITE_DEAD_LETTERS,
                settings.topics().deadLetters(),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                Nodes.DECODE_EVENT,
                Nodes.WATCH_RUN);
        return topology;
    }

    /** The topology as text, always in the same words: Kafka Streams lists a node's neighbours in an order that changes from start to start. */
    public String describe() {
        return build().describe()
                .toString()
                .lines()
                .map(GradwatchTopology::sorted)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String sorted(String line) {
        Matcher neighbours = NEIGHBOURS.matcher(line);
        if (!neighbours.matches()) {
            return line;
        }
        String[] names = neighbours.group(2).split(", ");
        Arrays.sort(names);
        return neighbours.group(1) + String.join(", ", names);
    }

    /** A fresh copy. */
    public Properties streamsProperties() {
        return EngineProperties.of(settings);
    }

    /** To be given to the streams, which can pause no partition without it. */
    public KafkaClientSupplier clients() {
        return new PausableClients(settings.topics().trainingEvents(), paused, progress);
    }

    /** The partitions that are not read at present. */
    public PausedPartitions pausedPartitions() {
        return paused;
    }

    /** A new watch over the partitions that are. */
    public ProgressWatch progressWatch() {
        return new ProgressWatch(settings.topics().trainingEvents(), progress, paused);
    }

    /**
     * To be set as the streams' uncaught exception handler.
     *
     * @param onEnd is told the exception that ends the service, on a stream thread
     */
    public StreamsUncaughtExceptionHandler failurePolicy(Consumer<Throwable> onEnd) {
        return new FailurePolicy(stop, onEnd);
    }

    /** Wakes threads that wait for the registry or before they start over. Call it before closing the streams. */
    public void stop() {
        stop.give();
    }

    OutputRecords outputs() {
        return new OutputRecords(
                wire(Alert.class, settings.topics().alerts(), false),
                wire(RunStatus.class, settings.topics().runStatus(), false),
                largestRecordBytes);
    }

    private <T extends SpecificRecord> AvroWire<T> wire(Class<T> type, String topic, boolean register) {
        return new AvroWire<>(type, topic + "-value", registry, register);
    }
}

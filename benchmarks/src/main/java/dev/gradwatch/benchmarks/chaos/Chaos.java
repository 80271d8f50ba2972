package dev.gradwatch.benchmarks.chaos;

import dev.gradwatch.app.engine.Topics;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.TrainingEvent;
import dev.gradwatch.wire.AvroWire;
import dev.gradwatch.wire.ConfluentSchemaRegistry;
import dev.gradwatch.wire.TrainingEvents;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Kills, freezes and restarts broker, registry and two instances of the service at random moments while recorded runs arrive, and holds the
 * alerts byte for byte against those of an undisturbed service and of the pure core.
 */
@Command(name = "chaos", description = "Faults at random moments; prints what was lost, repeated or different.")
public final class Chaos implements Callable<Integer> {

    static final String DISTURBED = "disturbed";
    static final String UNDISTURBED = "undisturbed";

    private static final int PARTITIONS = 6;
    /** A machine that needs longer to start a JVM is too busy for this test; its faults are counted apart. */
    private static final Duration PROGRESS = Duration.ofSeconds(90);

    private static final Duration CATCH_UP = Duration.ofMinutes(10);

    @Option(names = "--faults", defaultValue = "12", description = "How many (default: ${DEFAULT-VALUE}).")
    private int faults;

    @Option(names = "--seed", description = "Of runs and faults; printed, and random when it is not given.")
    private Long seed;

    @Option(names = "--rate", defaultValue = "150", description = "Records a second (default: ${DEFAULT-VALUE}).")
    private int rate;

    @Option(
            names = "--runs",
            defaultValue = "examples/runs",
            description = "Folder of recorded runs (default: ${DEFAULT-VALUE}).")
    private Path source;

    @Option(names = "--keep", description = "Keep the folder with logs and topics.")
    private boolean keep;

    private final PrintStream out = System.out;
    private final AtomicReference<Exception> publishFailure = new AtomicReference<>();
    private volatile boolean faultsOver;

    @Override
    public Integer call() throws Exception {
        long chosen = seed == null ? new Random().nextInt(1_000_000) : seed;
        Path folder = Files.createTempDirectory("gradwatch-chaos");
        out.printf(
                Locale.ROOT,
                "seed %d, %d faults, 2 instances, %d partitions, %s%n",
                chosen,
                faults,
                PARTITIONS,
                folder);
        boolean sound;
        try (ChaosCluster cluster = ChaosCluster.start(folder, PARTITIONS);
                ConfluentSchemaRegistry registry =
                        new ConfluentSchemaRegistry(List.of(cluster.registryUrl()), Map.of())) {
            sound = run(cluster, registry, chosen);
        }
        if (sound && !keep) {
            Folders.delete(folder);
        } else {
            out.println("Logs and topics stay in " + folder);
        }
        return sound ? 0 : 1;
    }

    private boolean run(ChaosCluster cluster, ConfluentSchemaRegistry registry, long chosen) throws Exception {
        GradwatchConfig config = cluster.config(DISTURBED, "expected", PARTITIONS);
        cluster.addService(DISTURBED, "service-1", PARTITIONS);
        cluster.addService(DISTURBED, "service-2", PARTITIONS);
        AvroWire<TrainingEvent> events =
                new AvroWire<>(TrainingEvent.class, config.topics().trainingEvents() + "-value", registry, true);
        ExpectedAlerts expected = new ExpectedAlerts(
                config.detectors(), new AvroWire<>(Alert.class, config.topics().alerts() + "-value", registry, true));
        // Both ids are known before the registry is first killed.
        events.schemaId();
        RecordedFleet fleet = new RecordedFleet(source, new Random(chosen));
        long begun = System.nanoTime();
        Thread publisher = new Thread(() -> publish(cluster, fleet, events, expected), "publisher");
        publisher.start();
        Faults chaos = new Faults(cluster, new Random(chosen + 1));
        int met = 0;
        for (int i = 0; i < faults && publisher.isAlive(); i++) {
            met += awaitProgress(cluster, chaos) ? 1 : 0;
            chaos.next();
        }
        chaos.startWhatEnded();
        faultsOver = true;
        publisher.join();
        if (publishFailure.get() != null) {
            throw publishFailure.get();
        }
        out.printf(
                Locale.ROOT,
                "faults: %s in %d s, %d while records were committed; processes of the service that ended by themselves: %d%n",
                chaos.counts(),
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun),
                met,
                chaos.endedByThemselves());
        awaitProcessed(cluster, DISTURBED, chaos);
        for (ChildProcess service : List.copyOf(cluster.services())) {
            service.terminate();
        }
        cluster.services().clear();
        cluster.addService(UNDISTURBED, "undisturbed", PARTITIONS);
        awaitProcessed(cluster, UNDISTURBED, null);

        Map<String, List<byte[]>> disturbed = alerts(cluster, DISTURBED);
        AlertLog.Difference toCore = AlertLog.compare(expected.byRun(), disturbed);
        AlertLog.Difference toUndisturbed = AlertLog.compare(alerts(cluster, UNDISTURBED), disturbed);
        out.printf(Locale.ROOT, "%d runs%n", fleet.runs());
        out.println("against the pure core:         " + toCore);
        out.println("against an undisturbed service: " + toUndisturbed);
        return toCore.isNone() && toUndisturbed.isNone() && chaos.endedByThemselves() == 0 && toCore.expected() > 0;
    }

    /** Whether the service has committed something since the last fault, so that the next one meets it at work. */
    private boolean awaitProgress(ChaosCluster cluster, Faults chaos) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()))) {
            long before = committed(admin);
            while (System.nanoTime() - begun < PROGRESS.toNanos()) {
                TimeUnit.MILLISECONDS.sleep(200);
                chaos.startWhatEnded();
                long now = committed(admin);
                if (before >= 0 && now > before) {
                    return true;
                }
                before = Math.max(before, now);
            }
        }
        return false;
    }

    /** Records, over all partitions; -1 when nobody says. */
    private static long committed(Admin admin) throws InterruptedException {
        try {
            return admin
                    .listConsumerGroupOffsets(DISTURBED)
                    .partitionsToOffsetAndMetadata()
                    .get(5, TimeUnit.SECONDS)
                    .values()
                    .stream()
                    .mapToLong(OffsetAndMetadata::offset)
                    .sum();
        } catch (ExecutionException | TimeoutException e) {
            return -1;
        }
    }

    /** The same bytes to both services, until the faults are over and every run has ended. */
    private void publish(
            ChaosCluster cluster, RecordedFleet fleet, AvroWire<TrainingEvent> wire, ExpectedAlerts expected) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", cluster.bootstrapServers());
        properties.put("enable.idempotence", "true");
        properties.put("max.in.flight.requests.per.connection", "1");
        // A broker that is away delays records and loses none.
        properties.put("delivery.timeout.ms", "1800000");
        properties.put("max.block.ms", "1800000");
        properties.put("linger.ms", "20");
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer())) {
            long begun = System.nanoTime();
            long sent = 0;
            for (RunRecord record = fleet.next(); record != null; record = fleet.next()) {
                byte[] bytes = wire.encode(TrainingEvents.toAvro(record));
                for (String prefix : List.of(DISTURBED, UNDISTURBED)) {
                    var unused = producer.send(
                            new ProducerRecord<>(new Topics(prefix).trainingEvents(), record.runId(), bytes),
                            (metadata, failure) -> {
                                if (failure != null) {
                                    publishFailure.compareAndSet(null, failure);
                                }
                            });
                }
                expected.apply(record);
                sent++;
                if (faultsOver) {
                    fleet.finish();
                } else {
                    long due = begun + sent * TimeUnit.SECONDS.toNanos(1) / rate;
                    TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
                }
                if (publishFailure.get() != null) {
                    return;
                }
            }
            producer.flush();
            out.printf(Locale.ROOT, "%,d records published%n", sent);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            publishFailure.compareAndSet(null, e);
        }
    }

    private static Map<String, List<byte[]>> alerts(ChaosCluster cluster, String prefix) {
        return AlertLog.read(cluster.bootstrapServers(), new Topics(prefix).alerts());
    }

    private void awaitProcessed(ChaosCluster cluster, String prefix, Faults chaos)
            throws InterruptedException, IOException {
        long begun = System.nanoTime();
        String topic = new Topics(prefix).trainingEvents();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()))) {
            while (!isProcessed(admin, prefix, topic)) {
                if (System.nanoTime() - begun > CATCH_UP.toNanos()) {
                    throw new IllegalStateException(prefix + " has not caught up after " + CATCH_UP);
                }
                if (chaos != null) {
                    chaos.startWhatEnded();
                }
                TimeUnit.MILLISECONDS.sleep(500);
            }
        }
        out.printf(
                Locale.ROOT,
                "%s service caught up after %d s%n",
                prefix,
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun));
    }

    private static boolean isProcessed(Admin admin, String applicationId, String topic) throws InterruptedException {
        try {
            var committed = admin.listConsumerGroupOffsets(applicationId)
                    .partitionsToOffsetAndMetadata()
                    .get();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                TopicPartition each = new TopicPartition(topic, partition);
                long end = admin.listOffsets(Map.of(each, OffsetSpec.latest()))
                        .partitionResult(each)
                        .get()
                        .offset();
                var at = committed.get(each);
                if (end > 0 && (at == null || at.offset() < end)) {
                    return false;
                }
            }
            return true;
        } catch (ExecutionException e) {
            return false;
        }
    }
}

package dev.gradwatch.benchmarks;

import dev.gradwatch.app.engine.EngineSettings;
import dev.gradwatch.app.engine.GradwatchTopology;
import dev.gradwatch.app.engine.Topics;
import dev.gradwatch.app.engine.partitions.BadRecords;
import dev.gradwatch.cluster.EmbeddedBroker;
import dev.gradwatch.detection.DetectionSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures the whole pipeline on one machine and in one run, so that the figures are comparable: a bare consumer, a pass-through topology with
 * the same guarantees, Gradwatch, each catching up alone; then, live, the highest load, and at half of it the time from producing a record to
 * reading its alert with {@code read_committed}.
 */
@Command(name = "end-to-end", description = "Throughput and latency through a real broker.")
final class EndToEnd implements Callable<Integer> {

    private static final int PARTITIONS = 4;

    @Option(names = "--runs", defaultValue = "10000", description = "Concurrent runs (default: ${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--records", defaultValue = "60", description = "Records a run (default: ${DEFAULT-VALUE}).")
    private int records;

    @Option(names = "--threads", defaultValue = "2", description = "Stream threads (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--seconds",
            defaultValue = "30",
            description = "How long latency is measured (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--cached-runs",
            defaultValue = "20000",
            description = "Live states of the instance (default: ${DEFAULT-VALUE}).")
    private int cachedRuns;

    private final PrintStream out = System.out;
    private final FixedRegistry registry = new FixedRegistry();
    private Path folder;
    private EmbeddedBroker broker;

    @Override
    public Integer call() throws Exception {
        folder = Files.createTempDirectory("gradwatch-benchmark");
        try (EmbeddedBroker started =
                EmbeddedBroker.start(folder.resolve("broker"), Map.of("log.retention.ms", "-1"))) {
            broker = started;
            measure();
        }
        return 0;
    }

    private void measure() throws Exception {
        print(
                "runs %,d, records a run %d, partitions %d, threads %d, processors %d, heap %,d MiB",
                runs,
                records,
                PARTITIONS,
                threads,
                Runtime.getRuntime().availableProcessors(),
                Runtime.getRuntime().maxMemory() >> 20);
        throughput("one", 1);
        throughput("ten", 10);
        latency();
    }

    private double throughput(String prefix, int steps) throws Exception {
        Topics topics = create(prefix);
        try (Load load = new Load(broker.bootstrapServers(), topics.trainingEvents(), registry)) {
            load.publish(runs, records, steps);
        }
        long expected = (long) runs * (records + 1);
        print("");
        print("%d step%s a record, %,d records", steps, steps == 1 ? "" : "s", expected);
        print("  bare consumer            %,10.0f records/s", bareConsumer(topics, expected));
        double through = passThrough(topics, expected);
        print("  pass-through topology    %,10.0f records/s", through);
        Counter counter = new Counter();
        double rate;
        try (KafkaStreams streams = gradwatch(topics, counter)) {
            streams.start();
            rate = counter.awaitRate(expected);
            Thread.sleep(2_000);
            print(
                    "  Gradwatch                %,10.0f records/s, %,.0f steps/s: %.2f of the pass-through topology",
                    rate, rate * steps, rate / through);
            Runtime.getRuntime().gc();
            print(
                    "  heap in use              %,10d MiB",
                    (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20);
        }
        print("  core                     %,10.0f ns a record", counter.coreNanosPerRecord());
        print("  changelog                %,10.0f bytes a record", counter.stateBytesPerRecord());
        print("  state                    %,10.0f bytes a run", counter.stateBytesPerWrite());
        return rate;
    }

    private double bareConsumer(Topics topics, long expected) {
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", broker.bootstrapServers());
        properties.setProperty("group.id", "bare-" + topics.prefix());
        properties.setProperty("auto.offset.reset", "earliest");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topics.trainingEvents()));
            long seen = 0;
            long first = 0;
            while (seen < expected) {
                seen += consumer.poll(Duration.ofMillis(200)).count();
                if (first == 0 && seen > 0) {
                    first = System.nanoTime();
                }
            }
            return seen / ((System.nanoTime() - first) / 1e9);
        }
    }

    private double passThrough(Topics topics, long expected) throws Exception {
        Counter counter = new Counter();
        Topology topology = new Topology();
        topology.addSource("read", new ByteArrayDeserializer(), new ByteArrayDeserializer(), topics.trainingEvents());
        topology.addProcessor(
                "pass",
                () -> new ContextualProcessor<byte[], byte[], byte[], byte[]>() {
                    @Override
                    public void process(Record<byte[], byte[]> in) {
                        counter.record();
                        context().forward(in);
                    }
                },
                "read");
        topology.addSink(
                "write",
                topics.prefix() + ".pass-through",
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                "pass");
        Properties properties = new GradwatchTopology(
                        settings(topics, "pass-" + topics.prefix()),
                        registry,
                        counter,
                        partition -> true,
                        System::currentTimeMillis)
                .streamsProperties();
        try (KafkaStreams streams = new KafkaStreams(topology, properties)) {
            streams.start();
            return counter.awaitRate(expected);
        }
    }

    private void latency() throws Exception {
        Topics topics = create("latency");
        Counter counter = new Counter();
        try (KafkaStreams streams = gradwatch(topics, counter);
                LatencyProbe probe = new LatencyProbe(broker.bootstrapServers(), topics, registry)) {
            streams.start();
            double highest = probe.highestLoad(runs, counter);
            double rate = highest / 2;
            long[] sorted = probe.measure(runs, rate, seconds);
            print("");
            print("live, with the load generator and the broker on the same processors");
            print("  highest load             %,10.0f records/s", highest);
            print("  produce to alert readable with read_committed, at half of it, %,.0f records/s:", rate);
            print(
                    "  %,d alerts   p50 %d ms   p99 %d ms   p99.9 %d ms   max %d ms",
                    sorted.length, at(sorted, 0.5), at(sorted, 0.99), at(sorted, 0.999), sorted[sorted.length - 1]);
        }
    }

    private static long at(long[] sorted, double share) {
        return sorted[(int) Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    }

    private KafkaStreams gradwatch(Topics topics, Counter counter) {
        GradwatchTopology topology = new GradwatchTopology(
                settings(topics, "gradwatch-" + topics.prefix()),
                registry,
                counter,
                partition -> true,
                System::currentTimeMillis);
        topology.resolveSchemas(true);
        KafkaStreams streams = new KafkaStreams(topology.build(), topology.streamsProperties(), topology.clients());
        streams.setUncaughtExceptionHandler(topology.failurePolicy(Throwable::printStackTrace));
        return streams;
    }

    private EngineSettings settings(Topics topics, String applicationId) {
        return new EngineSettings(
                applicationId,
                "",
                topics,
                threads,
                folder.resolve("state"),
                Duration.ofSeconds(1),
                Duration.ofMillis(100),
                cachedRuns,
                10_000_000,
                Duration.ofSeconds(10),
                Duration.ofHours(1),
                Duration.ofDays(1),
                0.1,
                100,
                BadRecords.Reaction.STOP,
                Duration.ofSeconds(30),
                DetectionSettings.defaults(),
                Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    private Topics create(String prefix) {
        Topics topics = new Topics(prefix);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(
                            topic(topics.trainingEvents()),
                            topic(topics.alerts()),
                            topic(topics.runStatus()),
                            topic(topics.deadLetters()),
                            topic(prefix + ".pass-through")))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            throw new UncheckedIOException(new IOException("topics of " + prefix, e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return topics;
    }

    private static NewTopic topic(String name) {
        return new NewTopic(name, PARTITIONS, (short) 1);
    }

    private void print(String format, Object... arguments) {
        out.println(String.format(Locale.ROOT, format, arguments));
    }
}

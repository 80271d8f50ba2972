package dev.gradwatch.benchmarks.chaos;

import dev.gradwatch.app.engine.Topics;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.schemas.TrainingEvent;
import dev.gradwatch.wire.AvroWire;
import dev.gradwatch.wire.ConfluentSchemaRegistry;
import dev.gradwatch.wire.TrainingEvents;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Publishes under a new run id with each record, as an attacker or a careless script does, to a service with a small heap. */
@Command(name = "ids", description = "A million run ids in a heap of 512 MB: speed and memory from start to end.")
public final class ManyIds implements Callable<Integer> {

    private static final int PARTITIONS = 4;
    private static final long LOOK_SECONDS = 5;

    @Option(names = "--ids", defaultValue = "1000000", description = "How many (default: ${DEFAULT-VALUE}).")
    private int ids;

    private final PrintStream out = System.out;
    private final HttpClient client = HttpClient.newHttpClient();

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory("gradwatch-ids");
        try (ChaosCluster cluster = ChaosCluster.start(folder, PARTITIONS);
                ConfluentSchemaRegistry registry =
                        new ConfluentSchemaRegistry(List.of(cluster.registryUrl()), Map.of())) {
            publish(cluster, registry);
            ChildProcess service = cluster.addService(Chaos.DISTURBED, "service", PARTITIONS);
            boolean done = follow(service, cluster.metrics("service"));
            service.terminate();
            return done ? 0 : 1;
        } finally {
            Folders.delete(folder);
        }
    }

    private void publish(ChaosCluster cluster, ConfluentSchemaRegistry registry) {
        String topic = new Topics(Chaos.DISTURBED).trainingEvents();
        AvroWire<TrainingEvent> wire = new AvroWire<>(TrainingEvent.class, topic + "-value", registry, true);
        Properties properties = new Properties();
        properties.put("bootstrap.servers", cluster.bootstrapServers());
        properties.put("linger.ms", "20");
        properties.put("compression.type", "lz4");
        properties.put("max.in.flight.requests.per.connection", "1");
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer())) {
            long now = System.currentTimeMillis();
            for (int i = 0; i < ids; i++) {
                StepNorms step = new StepNorms(1, 0.01, now, 2.3, 1.5, 0.001, List.of());
                RunRecord record = new RunRecord("id-" + i, 1, now, new GradientNorms(List.of(step)));
                var unused = producer.send(
                        new ProducerRecord<>(topic, record.runId(), wire.encode(TrainingEvents.toAvro(record))));
            }
        }
        out.printf(Locale.ROOT, "%,d ids published%n", ids);
    }

    private boolean follow(ChildProcess service, URI metrics) throws InterruptedException {
        out.println("  seconds        ids   ids/s  heap MB  watched    forgotten  seconds of GC");
        long begun = System.nanoTime();
        double before = 0;
        double secondsBefore = 0;
        while (service.isAlive()) {
            TimeUnit.SECONDS.sleep(LOOK_SECONDS);
            String page = page(metrics);
            double seconds = (System.nanoTime() - begun) / 1e9;
            double processed = sum(page, "gradwatch_processing_latency_seconds_count");
            if (page.isEmpty()) {
                continue;
            }
            out.printf(
                    Locale.ROOT,
                    "%9.0f %,10.0f %,7.0f %8.0f %,8.0f %,12.0f %14.1f%n",
                    seconds,
                    processed,
                    (processed - before) / (seconds - secondsBefore),
                    sum(page, "jvm_memory_used_bytes{area=\"heap\"") / 1e6,
                    sum(page, "gradwatch_runs_active"),
                    sum(page, "gradwatch_runs_evicted_total"),
                    sum(page, "jvm_gc_pause_seconds_sum"));
            before = processed;
            secondsBefore = seconds;
            if (processed >= ids) {
                return true;
            }
        }
        out.println("The service ended; see " + service.log());
        return false;
    }

    private String page(URI metrics) throws InterruptedException {
        try {
            return client.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            // It is not up yet.
            return "";
        }
    }

    /** Over all series whose line begins so. */
    private static double sum(String page, String series) {
        return page.lines()
                .filter(line -> line.startsWith(series))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}

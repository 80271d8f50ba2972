package dev.gradwatch.benchmarks.chaos;

import dev.gradwatch.app.engine.Topics;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.schemas.TrainingEvent;
import dev.gradwatch.wire.AvroWire;
import dev.gradwatch.wire.ConfluentSchemaRegistry;
import dev.gradwatch.wire.TrainingEvents;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long nothing is watched after an end of the service: until the first committed alert of a run that began after it. */
@Command(name = "restarts", description = "Seconds from kill -9, and from a clean stop, to the first new alert.")
public final class Restarts implements Callable<Integer> {

    private static final int PARTITIONS = 4;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @Option(names = "--times", defaultValue = "3", description = "Of each (default: ${DEFAULT-VALUE}).")
    private int times;

    private final PrintStream out = System.out;
    private final Topics topics = new Topics(Chaos.DISTURBED);
    private KafkaProducer<String, byte[]> producer;
    private KafkaConsumer<byte[], byte[]> alerts;
    private AvroWire<TrainingEvent> wire;
    private int probes;

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory("gradwatch-restarts");
        try (ChaosCluster cluster = ChaosCluster.start(folder, PARTITIONS);
                ConfluentSchemaRegistry registry =
                        new ConfluentSchemaRegistry(List.of(cluster.registryUrl()), Map.of())) {
            open(cluster, registry);
            ChildProcess service = cluster.addService(Chaos.DISTURBED, "service", PARTITIONS);
            out.printf(Locale.ROOT, "%-50s %6.1f s%n", "first start", secondsToAlert());
            List<Double> kills = new ArrayList<>();
            List<Double> stops = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                service.kill();
                long begun = System.nanoTime();
                service.start();
                kills.add(secondsToAlert(begun));
                begun = System.nanoTime();
                service.terminate();
                service.start();
                stops.add(secondsToAlert(begun));
            }
            print("kill -9 and start again, to the first new alert", kills);
            print("SIGTERM and start again, to the first new alert", stops);
        } finally {
            Folders.delete(folder);
        }
        return 0;
    }

    private void print(String what, List<Double> seconds) {
        out.printf(
                Locale.ROOT,
                "%-50s %s s%n",
                what,
                String.join(
                        ", ",
                        seconds.stream()
                                .map(each -> String.format(Locale.ROOT, "%.1f", each))
                                .toList()));
    }

    private void open(ChaosCluster cluster, ConfluentSchemaRegistry registry) {
        wire = new AvroWire<>(TrainingEvent.class, topics.trainingEvents() + "-value", registry, true);
        Properties properties = new Properties();
        properties.put("bootstrap.servers", cluster.bootstrapServers());
        producer = new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
        properties.put("isolation.level", "read_committed");
        properties.put("enable.auto.commit", "false");
        properties.put("group.id", "restarts");
        properties.put("auto.offset.reset", "earliest");
        alerts = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        alerts.subscribe(List.of(topics.alerts()));
    }

    private double secondsToAlert() {
        return secondsToAlert(System.nanoTime());
    }

    /** Runs that blow up begin every 100 ms, over all partitions; the first whose alert can be read ends it. */
    private double secondsToAlert(long begun) {
        int first = probes;
        while (System.nanoTime() - begun < PATIENCE.toNanos()) {
            publishProbe();
            for (ConsumerRecord<byte[], byte[]> alert : alerts.poll(Duration.ofMillis(100))) {
                String run = new String(alert.key(), StandardCharsets.UTF_8);
                if (Integer.parseInt(run.substring(run.indexOf('-') + 1)) >= first) {
                    return (System.nanoTime() - begun) / (double) TimeUnit.SECONDS.toNanos(1);
                }
            }
        }
        throw new IllegalStateException("no alert within " + PATIENCE);
    }

    private void publishProbe() {
        String run = "probe-" + probes++;
        long now = System.currentTimeMillis();
        List<StepNorms> steps = new ArrayList<>();
        for (int step = 1; step <= 20; step++) {
            double value = step < 10 ? 1.5 : Double.NaN;
            steps.add(new StepNorms(step, step / 100.0, now, value, value, 0.001, List.of()));
        }
        RunRecord record = new RunRecord(run, 1, now, new GradientNorms(steps));
        var unused = producer.send(
                new ProducerRecord<>(topics.trainingEvents(), run, wire.encode(TrainingEvents.toAvro(record))));
    }
}

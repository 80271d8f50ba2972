package dev.gradwatch.benchmarks;

import dev.gradwatch.app.engine.Topics;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.AlertState;
import dev.gradwatch.wire.AvroWire;
import dev.gradwatch.wire.UndecodableRecordException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Publishes healthy runs at a steady rate and, twenty times a second, a run whose first loss is NaN; reads the alerts with
 * {@code read_committed}. Latency is from the moment of producing to the moment when the alert was read, both by this process's clock.
 */
final class LatencyProbe implements AutoCloseable {

    private static final int SICK_PER_SECOND = 20;
    private static final int FIRST_STEPS = 10;
    private static final Duration SATURATED = Duration.ofSeconds(15);
    private static final Duration LAST_ALERTS = Duration.ofSeconds(5);

    private final Load load;
    private final KafkaConsumer<byte[], byte[]> alerts;
    private final AvroWire<Alert> wire;
    private final ConcurrentLinkedQueue<Long> latencies = new ConcurrentLinkedQueue<>();
    private long nextStep;
    private volatile boolean stopping;

    LatencyProbe(String bootstrapServers, Topics topics, FixedRegistry registry) {
        load = new Load(bootstrapServers, topics.trainingEvents(), registry);
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", bootstrapServers);
        properties.setProperty("group.id", "latency-probe");
        properties.setProperty("auto.offset.reset", "earliest");
        properties.setProperty("isolation.level", "read_committed");
        alerts = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        alerts.subscribe(List.of(topics.alerts()));
        wire = new AvroWire<>(Alert.class, topics.alerts() + "-value", registry, true);
    }

    /**
     * Publishes as fast as it can while the service works, after a warm-up that brings every run and the just-in-time compiler into being.
     *
     * @return records a second that the service got through meanwhile
     */
    double highestLoad(int runs, Counter counter) throws InterruptedException {
        load.publish(runs, FIRST_STEPS, 1);
        counter.awaitRate((long) runs * (FIRST_STEPS + 1));
        HealthyRun healthy = new HealthyRun(0, 13);
        long before = counter.records();
        long begin = System.nanoTime();
        long sent = 0;
        while (System.nanoTime() - begin < SATURATED.toNanos()) {
            load.send(healthy.step(
                    Load.name((int) (sent % runs)), FIRST_STEPS + sent / runs, System.currentTimeMillis()));
            sent++;
        }
        double rate = (counter.records() - before) / ((System.nanoTime() - begin) / 1e9);
        counter.awaitRate(before + sent);
        nextStep = FIRST_STEPS + sent / runs + 1;
        return rate;
    }

    long[] measure(int runs, double rate, int seconds) throws InterruptedException {
        Thread reader = new Thread(this::read, "latency-reader");
        reader.start();
        publish(runs, rate, seconds);
        Thread.sleep(LAST_ALERTS.toMillis());
        stopping = true;
        reader.join();
        long[] sorted = latencies.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        if (sorted.length < (long) SICK_PER_SECOND * seconds) {
            throw new IllegalStateException(
                    "only " + sorted.length + " alerts for " + SICK_PER_SECOND * seconds + " sick runs");
        }
        return sorted;
    }

    private void publish(int runs, double rate, int seconds) {
        HealthyRun healthy = new HealthyRun(0, 11);
        long begin = System.nanoTime();
        long total = (long) (rate * seconds);
        long sickEvery = Math.max(1, (long) (rate / SICK_PER_SECOND));
        long sick = 0;
        for (long i = 0; i < total; i++) {
            long due = begin + (long) (i / rate * 1e9);
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(Math.max(1, due - System.nanoTime()));
            }
            long now = System.currentTimeMillis();
            load.send(healthy.step(Load.name((int) (i % runs)), nextStep + i / runs, now));
            if (i % sickEvery == 0) {
                StepNorms step = new StepNorms(0, 0.0, null, Double.NaN, 1.0, 0.001, List.of());
                load.send(new RunRecord("sick-" + sick++, 1, now, new GradientNorms(List.of(step))));
            }
        }
    }

    private void read() {
        while (!stopping) {
            for (ConsumerRecord<byte[], byte[]> record : alerts.poll(Duration.ofMillis(20))) {
                long now = System.currentTimeMillis();
                Alert alert = decode(record.value());
                if (alert.getState() == AlertState.OPENED && alert.getRunId().startsWith("sick-")) {
                    latencies.add(now - alert.getOpenedAt().toEpochMilli());
                }
            }
        }
    }

    private Alert decode(byte[] value) {
        try {
            return wire.decode(value);
        } catch (UndecodableRecordException e) {
            throw new IllegalStateException("an alert of ours cannot be read", e);
        }
    }

    @Override
    public void close() {
        alerts.close();
        load.close();
    }
}

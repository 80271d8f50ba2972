package dev.gradwatch.benchmarks;

import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.schemas.TrainingEvent;
import dev.gradwatch.wire.AvroWire;
import dev.gradwatch.wire.TrainingEvents;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Publishes runs as a fleet does: round and round over all runs, one record a run. Not thread-safe. */
final class Load implements AutoCloseable {

    private final KafkaProducer<String, byte[]> producer;
    private final AvroWire<TrainingEvent> wire;
    private final String topic;
    private volatile Exception failure;

    Load(String bootstrapServers, String topic, FixedRegistry registry) {
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", bootstrapServers);
        properties.setProperty("linger.ms", "5");
        properties.setProperty("batch.size", "262144");
        properties.setProperty("compression.type", "lz4");
        // Right after a topic was made a broker may refuse a first batch and take the second; the first then never fits
        // in.
        properties.setProperty("max.in.flight.requests.per.connection", "1");
        this.producer = new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
        this.wire = new AvroWire<>(TrainingEvent.class, topic + "-value", registry, true);
        this.topic = topic;
    }

    /** Registers {@code runs} runs and lets each of them publish {@code records} records of {@code steps} steps. */
    void publish(int runs, int records, int steps) {
        long now = System.currentTimeMillis();
        HealthyRun healthy = new HealthyRun(0, 7);
        for (int run = 0; run < runs; run++) {
            send(healthy.started(name(run), now));
        }
        for (int record = 0; record < records; record++) {
            for (int run = 0; run < runs; run++) {
                send(healthy.steps(name(run), (long) record * steps, steps, now + record));
            }
        }
        producer.flush();
        throwFailure();
    }

    /** Publishes one record; a failure is thrown by a later call. */
    void send(RunRecord record) {
        throwFailure();
        var unused = producer.send(
                new ProducerRecord<>(topic, record.runId(), wire.encode(TrainingEvents.toAvro(record))),
                (metadata, exception) -> failure = exception == null ? failure : exception);
    }

    private void throwFailure() {
        if (failure != null) {
            throw new IllegalStateException("a record could not be published", failure);
        }
    }

    static String name(int run) {
        return "run-" + run;
    }

    @Override
    public void close() {
        producer.close();
    }
}

package dev.gradwatch.commands.publish;

import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.schemas.TrainingEvent;
import dev.gradwatch.wire.AvroWire;
import dev.gradwatch.wire.ConfluentSchemaRegistry;
import dev.gradwatch.wire.SchemaRegistry;
import dev.gradwatch.wire.TrainingEvents;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Publishes training events as any training job would: key run id, value in Confluent's wire format. A failed send is remembered and
 * thrown by the next call. One thread.
 */
final class EventPublisher implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final SchemaRegistry registry;
    private final AvroWire<TrainingEvent> wire;
    private final KafkaProducer<String, byte[]> producer;
    private final String topic;
    private final Map<String, String> client;
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    EventPublisher(GradwatchConfig config) {
        this.topic = config.topics().trainingEvents();
        this.client = config.kafkaClientProperties();
        this.registry = new ConfluentSchemaRegistry(
                config.settings().registry().urls(),
                config.settings().registry().properties());
        this.wire = new AvroWire<>(
                TrainingEvent.class,
                topic + "-value",
                registry,
                config.settings().registry().autoRegister());
        Map<String, Object> properties = producerProperties(config, "gradwatch-replay");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) PATIENCE.toMillis());
        this.producer = new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
    }

    /** How events are published, by whichever command: stored by all replicas, once, in order. */
    static Map<String, Object> producerProperties(GradwatchConfig config, String clientId) {
        Map<String, Object> properties = new HashMap<>(config.kafkaClientProperties());
        properties.putIfAbsent(ProducerConfig.CLIENT_ID_CONFIG, clientId);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 20);
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        return properties;
    }

    /**
     * Learns early whether brokers, topic and registry are there.
     *
     * @throws IllegalStateException when the topic is missing, naming the command that makes it, or no broker answers
     */
    void check() throws InterruptedException {
        try (Admin admin = Admin.create(new HashMap<String, Object>(client))) {
            admin.describeTopics(List.of(topic)).allTopicNames().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof UnknownTopicOrPartitionException
                    ? new IllegalStateException(
                            "topic " + topic + " is not there; 'gradwatch topics create' makes it", e)
                    : new IllegalStateException("asking the brokers for topic " + topic + " failed", e);
        } catch (TimeoutException e) {
            throw new IllegalStateException("no broker answers at " + client.get("bootstrap.servers"), e);
        }
        wire.schemaId();
    }

    /** Hands the record to the producer and returns; the callback alone tells of a failure. */
    @SuppressWarnings("FutureReturnValueIgnored")
    void publish(RunRecord record) {
        throwFailure();
        producer.send(
                new ProducerRecord<>(topic, record.runId(), wire.encode(TrainingEvents.toAvro(record))),
                (metadata, problem) -> {
                    if (problem != null) {
                        failure.compareAndSet(null, problem);
                    }
                });
    }

    /** Waits until the brokers have everything. */
    void flush() {
        producer.flush();
        throwFailure();
    }

    @Override
    public void close() {
        producer.close(PATIENCE);
        registry.close();
    }

    private void throwFailure() {
        Exception problem = failure.get();
        if (problem != null) {
            throw new IllegalStateException("publishing to " + topic + " failed", problem);
        }
    }
}

package dev.gradwatch.commands.publish;

import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.recorded.follow.EventOutlet;
import dev.gradwatch.schemas.TrainingEvent;
import dev.gradwatch.wire.AvroWire;
import dev.gradwatch.wire.ConfluentSchemaRegistry;
import dev.gradwatch.wire.RegistryUnavailableException;
import dev.gradwatch.wire.SchemaRegistry;
import dev.gradwatch.wire.TrainingEvents;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Publishes training events and waits out every outage of brokers and registry: says that it waits, loses nothing and keeps the order. Only
 * what no waiting heals, such as a refused password, is thrown. One thread.
 */
final class WaitingPublisher implements EventOutlet, AutoCloseable {

    private static final Duration ASK_AGAIN = Duration.ofSeconds(2);
    private static final int BLOCK_MILLIS = 5000;

    /** Longer silence of the brokers than this is told. */
    private static final long TELL_NANOS = Duration.ofSeconds(10).toNanos();

    private final GradwatchConfig config;
    private final String topic;
    private final String brokers;
    private final Consumer<String> say;
    private final SchemaRegistry registry;
    private final AvroWire<TrainingEvent> wire;
    private final KafkaProducer<String, byte[]> producer;
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Object lock = new Object();
    private long sent;
    private long stored;
    private boolean waiting;

    WaitingPublisher(GradwatchConfig config, Consumer<String> say) {
        this.config = config;
        this.say = say;
        this.topic = config.topics().trainingEvents();
        this.brokers = String.join(",", config.settings().kafka().bootstrapServers());
        this.registry = new ConfluentSchemaRegistry(
                config.settings().registry().urls(),
                config.settings().registry().properties());
        this.wire = new AvroWire<>(
                TrainingEvent.class,
                topic + "-value",
                registry,
                config.settings().registry().autoRegister());
        Map<String, Object> properties = EventPublisher.producerProperties(config, "gradwatch-follow");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MILLIS);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
        this.producer = new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
    }

    /**
     * Waits until brokers, topic and registry are there.
     *
     * @return the cluster's id, which tells it from another one at the same address
     */
    String awaitCluster() throws InterruptedException {
        Map<String, Object> properties = new HashMap<>(config.kafkaClientProperties());
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, BLOCK_MILLIS);
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, BLOCK_MILLIS);
        try (Admin admin = Admin.create(properties)) {
            while (true) {
                try {
                    String cluster = admin.describeCluster().clusterId().get();
                    admin.describeTopics(List.of(topic)).allTopicNames().get();
                    awaitSchema();
                    answered();
                    return cluster;
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                        waiting("topic " + topic + " is not there ('gradwatch topics create' makes it)");
                    } else if (e.getCause() instanceof RetriableException) {
                        waiting("no broker answers at " + brokers);
                    } else {
                        throw new IllegalStateException("asking the brokers for topic " + topic + " failed", e);
                    }
                    TimeUnit.NANOSECONDS.sleep(ASK_AGAIN.toNanos());
                }
            }
        }
    }

    @Override
    public void publish(RunRecord record) throws InterruptedException {
        awaitSchema();
        ProducerRecord<String, byte[]> message =
                new ProducerRecord<>(topic, record.runId(), wire.encode(TrainingEvents.toAvro(record)));
        while (!isTaken(message)) {
            waiting("no broker answers at " + brokers);
        }
        synchronized (lock) {
            sent++;
        }
    }

    @Override
    public void awaitDelivered() throws InterruptedException {
        // Not by flush(), which says nothing while it waits; the producer sends without being asked.
        long told = System.nanoTime();
        synchronized (lock) {
            while (stored < sent && failure.get() == null) {
                lock.wait(100);
                if (System.nanoTime() - told > TELL_NANOS) {
                    told = System.nanoTime();
                    waiting("no broker answers at " + brokers);
                }
            }
        }
        throwFailure();
        answered();
    }

    /** Gives up what is not delivered yet; it is published at the next start. */
    @Override
    public void close() {
        producer.close(Duration.ZERO);
        registry.close();
    }

    /** Whether the producer took it; without a broker's answer it cannot tell where to send it. */
    private boolean isTaken(ProducerRecord<String, byte[]> message) throws InterruptedException {
        throwFailure();
        Thread caller = Thread.currentThread();
        Future<?> taken = producer.send(message, (metadata, problem) -> {
            if (problem == null) {
                synchronized (lock) {
                    stored++;
                    lock.notifyAll();
                }
            } else if (!(problem instanceof RetriableException) || Thread.currentThread() != caller) {
                // A retriable one in this very call only means that it was not taken.
                failure.compareAndSet(null, problem);
            }
        });
        if (!taken.isDone()) {
            return true;
        }
        try {
            taken.get();
            return true;
        } catch (ExecutionException e) {
            throwFailure();
            return false;
        }
    }

    private void awaitSchema() throws InterruptedException {
        while (true) {
            try {
                wire.schemaId();
                return;
            } catch (RegistryUnavailableException e) {
                waiting("the schema registry does not answer: " + e.getMessage());
                TimeUnit.NANOSECONDS.sleep(ASK_AGAIN.toNanos());
            }
        }
    }

    private void waiting(String reason) {
        if (!waiting) {
            waiting = true;
            say.accept("follow: waiting, " + reason);
        }
    }

    private void answered() {
        if (waiting) {
            waiting = false;
            say.accept("follow: going on");
        }
    }

    private void throwFailure() {
        Exception problem = failure.get();
        if (problem != null) {
            throw new IllegalStateException("publishing to " + topic + " failed", problem);
        }
    }
}

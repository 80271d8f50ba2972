package dev.gradwatch.app.service.brokers;

import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.schemas.TrainingEvent;
import dev.gradwatch.wire.AvroWire;
import dev.gradwatch.wire.Backoff;
import dev.gradwatch.wire.RegistryUnavailableException;
import dev.gradwatch.wire.SchemaRegistry;
import dev.gradwatch.wire.TrainingEvents;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Publishes training events as any training job would: key run id, value in Confluent's wire format. Waits out every outage of brokers and
 * registry: says that it waits, loses nothing and keeps the order. Only what no waiting heals, such as a refused password, is thrown. One
 * thread.
 */
public final class EventPublisher implements AutoCloseable {

    /** Longer silence of the brokers than this is told. */
    private static final long TELL_NANOS = BrokerClient.ANSWER.toNanos();

    private final GradwatchConfig config;
    private final String topic;
    private final String noBroker;
    private final Outage outage;
    private final SchemaRegistry registry;
    private final AvroWire<TrainingEvent> wire;
    private final KafkaProducer<String, byte[]> producer;
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Object lock = new Object();
    private long sent;
    private long stored;

    /**
     * Prepares publishing.
     *
     * @param publisher who publishes, for what is said and as the client's id
     * @param say takes a line for people
     */
    public EventPublisher(GradwatchConfig config, String publisher, Consumer<String> say) {
        this.config = config;
        this.outage = new Outage(publisher, say);
        this.topic = config.topics().trainingEvents();
        this.noBroker = "no broker answers at " + BrokerClient.addresses(config)
                + " (kafka.bootstrap-servers, or --bootstrap-servers); trying on, Ctrl-C ends";
        this.producer = BrokerClient.producer(config, "gradwatch-" + publisher);
        this.registry = BrokerClient.registry(config);
        this.wire = new AvroWire<>(
                TrainingEvent.class,
                topic + "-value",
                registry,
                config.settings().registry().autoRegister());
    }

    /**
     * Waits until brokers, topic and registry are there.
     *
     * @param topicToo whether to wait for the topic, which somebody has to create
     * @return the cluster's id, which tells it from another one at the same address
     * @throws TopicMissingException without the topic, unless it is waited for
     */
    public String awaitCluster(boolean topicToo) throws InterruptedException {
        Backoff backoff = new Backoff();
        while (true) {
            try (BrokerClient brokers = BrokerClient.open(config)) {
                String cluster = brokers.await(brokers.admin().describeCluster().clusterId());
                brokers.await(brokers.admin().describeTopics(List.of(topic)).allTopicNames());
                awaitSchema();
                outage.over();
                return cluster;
            } catch (BrokersUnavailableException e) {
                boolean missing = e.getCause() instanceof UnknownTopicOrPartitionException;
                TopicMissingException without = new TopicMissingException(topic);
                if (missing && !topicToo) {
                    throw without;
                }
                outage.waiting(missing ? without.getMessage() : noBroker);
                TimeUnit.NANOSECONDS.sleep(backoff.next().toNanos());
            }
        }
    }

    /** Takes one record, in order. */
    public void publish(RunRecord record) throws InterruptedException {
        awaitSchema();
        ProducerRecord<String, byte[]> message =
                new ProducerRecord<>(topic, record.runId(), wire.encode(TrainingEvents.toAvro(record)));
        while (!isTaken(message)) {
            outage.waiting(noBroker);
        }
        synchronized (lock) {
            sent++;
        }
    }

    /** Returns when everything that was published has been stored for good. */
    public void awaitDelivered() throws InterruptedException {
        // Not by flush(), which says nothing while it waits; the producer sends without being asked.
        long told = System.nanoTime();
        synchronized (lock) {
            while (stored < sent && failure.get() == null) {
                lock.wait(100);
                if (System.nanoTime() - told > TELL_NANOS) {
                    told = System.nanoTime();
                    outage.waiting(noBroker);
                }
            }
        }
        throwFailure();
        outage.over();
    }

    /** Why nothing can be published any more; {@code null} while all is well. */
    public Exception failure() {
        return failure.get();
    }

    /** Gives up what is not delivered yet. */
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
        Backoff backoff = new Backoff();
        while (true) {
            try {
                wire.schemaId();
                return;
            } catch (RegistryUnavailableException e) {
                outage.waiting("the schema registry does not answer: " + e.getMessage()
                        + " (registry.urls, or --registry); trying on, Ctrl-C ends");
                TimeUnit.NANOSECONDS.sleep(backoff.next().toNanos());
            }
        }
    }

    private void throwFailure() {
        Exception problem = failure.get();
        if (problem != null) {
            throw new IllegalStateException("publishing to " + topic + " failed: " + problem.getMessage(), problem);
        }
    }
}

package dev.gradwatch.app.service.brokers;

import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.wire.AvroWire;
import dev.gradwatch.wire.Backoff;
import dev.gradwatch.wire.RegistryUnavailableException;
import dev.gradwatch.wire.SchemaRegistry;
import dev.gradwatch.wire.UndecodableRecordException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;

/**
 * Reads one of Gradwatch's topics without a consumer group, committed records only. A record that cannot be decoded is told to
 * {@code say} and passed; an outage is waited out and told once. One thread.
 */
public final class TopicReader<T extends SpecificRecord> implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);

    /** After so long without a record a reader that waits for more asks whether the brokers are still there. */
    private static final long QUIET_NANOS = Duration.ofSeconds(10).toNanos();

    private final String topic;
    private final String brokers;
    private final SchemaRegistry registry;
    private final AvroWire<T> wire;
    private final KafkaConsumer<String, byte[]> consumer;
    private final Outage outage;
    private final Consumer<String> say;
    private List<TopicPartition> partitions = List.of();
    private long lastAnswerNanos = System.nanoTime();

    /**
     * Prepares reading.
     *
     * @param reader who reads, for what is said and as the client's id
     * @param say takes a line for people
     */
    public TopicReader(GradwatchConfig config, String topic, Class<T> type, String reader, Consumer<String> say) {
        this.topic = topic;
        this.say = say;
        this.outage = new Outage(reader, say);
        this.brokers = BrokerClient.addresses(config);
        this.consumer = BrokerClient.consumer(config, "gradwatch-" + reader);
        this.registry = BrokerClient.registry(config);
        this.wire = new AvroWire<>(type, topic + "-value", registry, false);
    }

    /**
     * Finds the topic.
     *
     * @throws KafkaException when no broker answers or there is no such topic, saying what to do
     */
    public void connect() {
        List<PartitionInfo> found;
        try {
            found = consumer.partitionsFor(topic);
        } catch (AuthenticationException | AuthorizationException e) {
            throw new KafkaException(
                    "the brokers at " + brokers + " refuse: " + e.getMessage()
                            + ": check the security settings in kafka.properties.* and the permissions of this user",
                    e);
        } catch (RetriableException e) {
            throw BrokerClient.noAnswer(brokers, BrokerClient.ANSWER, e);
        }
        if (found == null || found.isEmpty()) {
            throw new TopicMissingException(topic);
        }
        partitions = found.stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        consumer.assign(partitions);
    }

    /** The same, however long it takes. */
    public void awaitTopic() throws InterruptedException {
        Backoff backoff = new Backoff();
        while (true) {
            try {
                connect();
                outage.over();
                return;
            } catch (BrokersUnavailableException | TopicMissingException e) {
                outage.waiting(e.getMessage());
                TimeUnit.NANOSECONDS.sleep(backoff.next().toNanos());
            }
        }
    }

    /** Begins with the oldest record that the topic holds. */
    public void fromBeginning() {
        consumer.seekToBeginning(partitions);
    }

    /** Begins with what comes from now on. */
    public void fromEnd() {
        consumer.seekToEnd(partitions);
        // Seeking is lazy: asked for now, nothing that comes after this moment is missed.
        partitions.forEach(consumer::position);
    }

    /**
     * Reads on to where the topic ends now; values are {@code null} for tombstones. By partition: records of different partitions come in
     * any order.
     */
    public void readToEnd(BiConsumer<String, T> each) {
        Map<TopicPartition, Long> ends;
        try {
            ends = consumer.endOffsets(partitions, BrokerClient.ANSWER);
        } catch (RetriableException e) {
            throw BrokerClient.noAnswer(brokers, BrokerClient.ANSWER, e);
        }
        while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
            poll(each);
        }
    }

    /** Reads on until {@code done}. */
    public void follow(BiConsumer<String, T> each, BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            if (poll(each)) {
                heard();
            } else if (System.nanoTime() - lastAnswerNanos > QUIET_NANOS) {
                askWhetherAnybodyIsThere();
            }
        }
    }

    @Override
    public void close() {
        consumer.close();
        registry.close();
    }

    private boolean poll(BiConsumer<String, T> each) {
        ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
        for (ConsumerRecord<String, byte[]> record : records) {
            T value;
            try {
                value = record.value() == null ? null : decode(record.value());
            } catch (UndecodableRecordException e) {
                say.accept(topic + ", partition " + record.partition() + ", offset " + record.offset() + ": "
                        + e.getMessage());
                continue;
            }
            each.accept(record.key(), value);
        }
        return !records.isEmpty();
    }

    /** Waits for the registry as long as it takes: without it the record cannot be read, and to skip it would be wrong. */
    private T decode(byte[] value) throws UndecodableRecordException {
        Backoff backoff = new Backoff();
        while (true) {
            try {
                T decoded = wire.decode(value);
                outage.over();
                return decoded;
            } catch (RegistryUnavailableException e) {
                outage.waiting(e.getMessage());
                try {
                    TimeUnit.NANOSECONDS.sleep(backoff.next().toNanos());
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    throw e;
                }
            }
        }
    }

    private void askWhetherAnybodyIsThere() {
        try {
            consumer.endOffsets(partitions, BrokerClient.ANSWER);
            heard();
        } catch (RetriableException e) {
            outage.waiting("no broker answers at " + brokers);
            lastAnswerNanos = System.nanoTime();
        }
    }

    private void heard() {
        lastAnswerNanos = System.nanoTime();
        outage.over();
    }
}

package dev.gradwatch.commands.kafka;

import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.wire.AvroWire;
import dev.gradwatch.wire.ConfluentSchemaRegistry;
import dev.gradwatch.wire.SchemaRegistry;
import dev.gradwatch.wire.UndecodableRecordException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads one of Gradwatch's topics without a consumer group, committed records only. A record that cannot be decoded is told to
 * {@code trouble} and passed. One thread.
 */
public final class TopicFollower<T extends SpecificRecord> implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(200);

    private final String topic;
    private final SchemaRegistry registry;
    private final AvroWire<T> wire;
    private final KafkaConsumer<String, byte[]> consumer;
    private final Consumer<String> trouble;
    private final String brokers;
    private final List<TopicPartition> partitions;

    public TopicFollower(GradwatchConfig config, String topic, Class<T> type, Consumer<String> trouble) {
        this.topic = topic;
        this.trouble = trouble;
        this.brokers = String.join(",", config.settings().kafka().bootstrapServers());
        this.registry = new ConfluentSchemaRegistry(
                config.settings().registry().urls(),
                config.settings().registry().properties());
        this.wire = new AvroWire<>(type, topic + "-value", registry, false);
        Map<String, Object> properties = new HashMap<>(config.kafkaClientProperties());
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        this.consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
        this.partitions = partitions();
        consumer.assign(partitions);
    }

    public void fromBeginning() {
        consumer.seekToBeginning(partitions);
    }

    public void fromEnd() {
        consumer.seekToEnd(partitions);
        // Seeking is lazy: asked for now, nothing that comes after this moment is missed.
        partitions.forEach(consumer::position);
    }

    /** Reads on to where the topic ends now; values are {@code null} for tombstones. */
    public void readToEnd(BiConsumer<String, T> each) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
            poll(each);
        }
    }

    /** Reads on until {@code done}. */
    public void follow(BiConsumer<String, T> each, BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            poll(each);
        }
    }

    @Override
    public void close() {
        consumer.close();
        registry.close();
    }

    private void poll(BiConsumer<String, T> each) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
            try {
                each.accept(record.key(), record.value() == null ? null : wire.decode(record.value()));
            } catch (UndecodableRecordException e) {
                trouble.accept(topic + ", partition " + record.partition() + ", offset " + record.offset() + ": "
                        + e.getMessage());
            }
        }
    }

    private List<TopicPartition> partitions() {
        try {
            List<TopicPartition> found = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            if (!found.isEmpty()) {
                return found;
            }
        } catch (TimeoutException e) {
            close();
            throw new IllegalStateException("no broker answers at " + brokers, e);
        }
        close();
        throw new IllegalStateException("topic " + topic + " is not there; 'gradwatch topics create' makes it");
    }
}

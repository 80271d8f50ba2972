package dev.gradwatch.sandbox;

import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.wire.AvroWire;
import dev.gradwatch.wire.SchemaRegistry;
import dev.gradwatch.wire.UndecodableRecordException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the alert topic on a thread of its own, as any consumer of alerts would: committed records only, from now on. */
final class AlertFeed implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AlertFeed.class);

    private final KafkaConsumer<String, byte[]> consumer;
    private final AvroWire<Alert> wire;
    private final Consumer<Alert> alerts;
    private final Thread thread = new Thread(this::work, "alert-feed");

    AlertFeed(GradwatchConfig config, SchemaRegistry registry, Consumer<Alert> alerts) {
        String topic = config.topics().alerts();
        Map<String, Object> properties = new HashMap<>(config.kafkaClientProperties());
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "sandbox-alerts");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
        wire = new AvroWire<>(Alert.class, topic + "-value", registry, false);
        this.alerts = alerts;
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        // Without asking for a position now, the end would be looked up at the first poll: after the first alerts.
        partitions.forEach(consumer::position);
    }

    void start() {
        thread.start();
    }

    @Override
    public void close() {
        consumer.wakeup();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        consumer.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        try {
            while (true) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    hand(record);
                }
            }
        } catch (WakeupException e) {
            LOG.debug("Reading alerts ends");
        } catch (RuntimeException e) {
            LOG.error("The alerts can no longer be read", e);
        }
    }

    private void hand(ConsumerRecord<String, byte[]> record) {
        try {
            alerts.accept(wire.decode(record.value()));
        } catch (UndecodableRecordException e) {
            LOG.warn("Alert at {}-{}@{} cannot be read", record.topic(), record.partition(), record.offset(), e);
        }
    }
}

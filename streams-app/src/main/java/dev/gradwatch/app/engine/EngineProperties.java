package dev.gradwatch.app.engine;

import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** Kafka Streams' configuration, with the reason for every value that is not its default. */
final class EngineProperties {

    /** Keys that nobody may set from outside: the guarantees stand on them. */
    static final List<String> DECIDED_HERE = List.of(
            StreamsConfig.APPLICATION_ID_CONFIG,
            StreamsConfig.NUM_STREAM_THREADS_CONFIG,
            StreamsConfig.STATE_DIR_CONFIG,
            StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
            StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
            StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG,
            StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG);

    private static final int DEFAULT_MAX_REQUEST_BYTES = 1 << 20;
    /** Room for the key, the record's and the batch's own fields, and our headers. */
    private static final int ENVELOPE_BYTES = 16 << 10;

    private EngineProperties() {}

    static Properties of(EngineSettings settings) {
        Properties properties = new Properties();

        // A batch holds what a thread makes in a few milliseconds. Larger, compressed batches gave 1.5 times the
        // throughput; a
        // commit flushes, so the linger delays nobody who waits for an alert.
        properties.setProperty(producer(ProducerConfig.BATCH_SIZE_CONFIG), Integer.toString(256 << 10));
        properties.setProperty(producer(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        properties.setProperty(producer(ProducerConfig.LINGER_MS_CONFIG), "10");
        // A run's first records are as much worth as its last, also for a service that is installed after the run
        // began.
        properties.setProperty(consumer(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        // A killed instance's runs are watched by others, or by itself again, when its session is over. The default of
        // 45 s is for consumers that pause to collect garbage for so long; the least that brokers take by default is 6
        // s.
        properties.setProperty(consumer(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), "8000");
        properties.setProperty(consumer(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), "2000");
        // What it had not committed hides later alerts from readers until its transaction is over.
        properties.setProperty(
                producer(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
                Long.toString(Math.max(5000, 3 * settings.commitInterval().toMillis())));
        if (!settings.instanceId().isEmpty()) {
            properties.setProperty(consumer(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), settings.instanceId());
        }
        // A record that waits for the registry keeps its thread from polling, and the last poll may be half an interval
        // ago by then.
        properties.setProperty(
                consumer(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG),
                Long.toString(Math.max(
                        Duration.ofMinutes(5).toMillis(),
                        settings.registryPatience()
                                .multipliedBy(2)
                                .plusMinutes(1)
                                .toMillis())));

        settings.kafka().forEach(properties::setProperty);

        properties.setProperty(StreamsConfig.APPLICATION_ID_CONFIG, settings.applicationId());
        properties.setProperty(StreamsConfig.NUM_STREAM_THREADS_CONFIG, Integer.toString(settings.streamThreads()));
        properties.setProperty(
                StreamsConfig.STATE_DIR_CONFIG, settings.stateDir().toString());
        properties.setProperty(
                StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
                Long.toString(settings.commitInterval().toMillis()));
        // Offsets, state and output move together: an alert is neither lost nor repeated.
        properties.setProperty(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        // A generated name would change with the topology's shape and leave state behind.
        properties.setProperty(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, "true");
        // There is no global store, but every start warns of it without; the constant is deprecated, the key is not.
        properties.setProperty("processing.exception.handler.global.enabled", "true");
        // Live objects are kept by our own store; caching their bytes once more would only cost memory.
        properties.setProperty(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, "0");
        return properties;
    }

    /** The most bytes that a record of ours may have, so that no producer refuses it: under exactly-once a refusal cannot be skipped. */
    static int largestRecordBytes(EngineSettings settings) {
        String key = ProducerConfig.MAX_REQUEST_SIZE_CONFIG;
        String configured =
                settings.kafka().getOrDefault(producer(key), settings.kafka().get(key));
        int maxRequest = configured == null ? DEFAULT_MAX_REQUEST_BYTES : Integer.parseInt(configured.strip());
        return Math.max(maxRequest - ENVELOPE_BYTES, maxRequest / 2);
    }

    private static String producer(String key) {
        return StreamsConfig.producerPrefix(key);
    }

    private static String consumer(String key) {
        return StreamsConfig.mainConsumerPrefix(key);
    }
}

package dev.gradwatch.app.service.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The few of Kafka's own meters that are shown. Kafka offers some 900 series for a service of four partitions; these answer the questions
 * that an operator asks.
 */
final class KafkaMeters {

    private static final String KAFKA = "kafka.";
    private static final String FAILED_THREADS = "kafka.stream.failed.stream.threads";

    /** Meter name to what it answers; the order is the reference's. */
    static final Map<String, String> SHOWN = shown();

    private KafkaMeters() {}

    /** Lets everything through that is not Kafka's, and of Kafka's what is {@link #SHOWN}. */
    static MeterFilter filter() {
        // Tags stay as they are: the binder tells series apart by their number of tags and would drop all but one.
        return MeterFilter.deny(
                id -> id.getName().startsWith(KAFKA) && (!SHOWN.containsKey(id.getName()) || isDouble(id)));
    }

    /** As Prometheus shows it. */
    static String series(String meterName) {
        return meterName.replace('.', '_') + (meterName.equals(FAILED_THREADS) ? "_total" : "");
    }

    /** Kafka tells the lag of a topic with dots twice, once with underscores in their place. All topics of ours have dots. */
    private static boolean isDouble(Meter.Id id) {
        String topic = id.getTag("topic");
        return topic != null && topic.indexOf('.') < 0;
    }

    private static Map<String, String> shown() {
        Map<String, String> shown = new LinkedHashMap<>();
        shown.put("kafka.consumer.fetch.manager.records.lag", "Records of a partition that are not read yet.");
        shown.put("kafka.consumer.coordinator.rebalance.total", "Rebalances since the start.");
        shown.put("kafka.consumer.coordinator.failed.rebalance.total", "Rebalances that failed.");
        shown.put(
                "kafka.consumer.coordinator.last.heartbeat.seconds.ago", "Seconds since the group heard of a thread.");
        shown.put("kafka.stream.alive.stream.threads", "Threads that process records.");
        shown.put(FAILED_THREADS, "Threads that failed since the start.");
        shown.put("kafka.stream.thread.process.rate", "Records processed a second, by thread.");
        shown.put("kafka.stream.thread.commit.rate", "Commits a second, by thread.");
        shown.put("kafka.stream.thread.commit.latency.avg", "Milliseconds a commit takes on average, by thread.");
        shown.put("kafka.stream.thread.commit.latency.max", "Milliseconds the longest commit took lately, by thread.");
        shown.put("kafka.stream.thread.process.latency.max", "Milliseconds the slowest record took lately, by thread.");
        shown.put(
                "kafka.stream.thread.punctuate.latency.max",
                "Milliseconds the slowest look for silence took, by thread.");
        shown.put("kafka.stream.state.updater.restore.records.rate", "State records restored a second.");
        shown.put("kafka.stream.state.updater.active.restoring.tasks", "Partitions whose state is being restored.");
        shown.put("kafka.stream.state.size.all.mem.tables", "Bytes of RocksDB's memory tables, by store.");
        shown.put("kafka.stream.state.block.cache.usage", "Bytes of RocksDB's block cache, by store.");
        shown.put("kafka.stream.state.total.sst.files.size", "Bytes of RocksDB's files, by store.");
        shown.put("kafka.producer.record.error.total", "Records that could not be written.");
        shown.put("kafka.producer.request.latency.avg", "Milliseconds a broker takes to answer a write.");
        return Collections.unmodifiableMap(shown);
    }
}

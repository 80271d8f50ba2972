package dev.gradwatch.app.edge.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The few of Kafka's own meters that are shown. Kafka offers some 900 series for a service of four partitions; these answer the questions
 * that an operator asks.
 */
final class KafkaMeters {

    /** Meter name to what it answers; the order is the reference's. */
    static final Map<String, String> SHOWN = shown();

    private static final String KAFKA = "kafka.";
    private static final String VERSION_TAG = "kafka.version";

    private KafkaMeters() {}

    /** Lets everything through that is not Kafka's, and of Kafka's what is {@link #SHOWN}. */
    static MeterFilter filter() {
        return new MeterFilter() {
            @Override
            public MeterFilterReply accept(Meter.Id id) {
                return id.getName().startsWith(KAFKA) && !SHOWN.containsKey(id.getName())
                        ? MeterFilterReply.DENY
                        : MeterFilterReply.NEUTRAL;
            }

            @Override
            public Meter.Id map(Meter.Id id) {
                if (!id.getName().startsWith(KAFKA)) {
                    return id;
                }
                List<Tag> tags = id.getTags().stream()
                        .filter(tag -> !tag.getKey().equals(VERSION_TAG))
                        .toList();
                return id.replaceTags(tags);
            }
        };
    }

    private static Map<String, String> shown() {
        Map<String, String> shown = new LinkedHashMap<>();
        shown.put("kafka.consumer.fetch.manager.records.lag", "Records of a partition that are not read yet.");
        shown.put("kafka.consumer.coordinator.rebalance.total", "Rebalances since the start.");
        shown.put("kafka.consumer.coordinator.failed.rebalance.total", "Rebalances that failed.");
        shown.put(
                "kafka.consumer.coordinator.last.heartbeat.seconds.ago", "Seconds since the group heard of a thread.");
        shown.put("kafka.stream.alive.stream.threads", "Threads that process records.");
        shown.put("kafka.stream.failed.stream.threads", "Threads that failed since the start.");
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

package dev.gradwatch.benchmarks.chaos;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What an alert topic holds, as a consumer of committed records sees it, and how that differs from something else. */
final class AlertLog {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private AlertLog() {}

    /**
     * How a log differs from what was expected.
     *
     * @param expected alerts
     * @param lost of them are not there
     * @param repeated are there again
     * @param different were never expected
     * @param reordered runs whose alerts are all there in another order
     */
    record Difference(int expected, int lost, int repeated, int different, int reordered) {

        boolean isNone() {
            return lost + repeated + different + reordered == 0;
        }

        @Override
        public String toString() {
            return String.format(
                    java.util.Locale.ROOT,
                    "%,d alerts expected, %d lost, %d repeated, %d different, %d runs in another order",
                    expected,
                    lost,
                    repeated,
                    different,
                    reordered);
        }
    }

    /** Every committed alert by run, in order. */
    static Map<String, List<byte[]>> read(String bootstrapServers, String topic) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrapServers);
        properties.put("isolation.level", "read_committed");
        properties.put("enable.auto.commit", "false");
        Map<String, List<byte[]>> byRun = new LinkedHashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(each -> new TopicPartition(topic, each.partition()))
                    .toList();
            Properties uncommitted = new Properties();
            uncommitted.putAll(properties);
            uncommitted.put("isolation.level", "read_uncommitted");
            Map<TopicPartition, Long> ends;
            try (KafkaConsumer<byte[], byte[]> all =
                    new KafkaConsumer<>(uncommitted, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                ends = all.endOffsets(partitions);
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException(
                            "the end of " + topic + " cannot be read: a transaction stays open");
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    byRun.computeIfAbsent(new String(record.key(), StandardCharsets.UTF_8), run -> new ArrayList<>())
                            .add(record.value());
                }
            }
        }
        return byRun;
    }

    static Difference compare(Map<String, List<byte[]>> expected, Map<String, List<byte[]>> found) {
        int total = 0;
        int lost = 0;
        int repeated = 0;
        int different = 0;
        int reordered = 0;
        Set<String> runs = new HashSet<>(expected.keySet());
        runs.addAll(found.keySet());
        for (String run : runs) {
            List<ByteBuffer> wanted = wrap(expected.getOrDefault(run, List.of()));
            List<ByteBuffer> got = wrap(found.getOrDefault(run, List.of()));
            total += wanted.size();
            if (wanted.equals(got)) {
                continue;
            }
            Map<ByteBuffer, Integer> left = new HashMap<>();
            wanted.forEach(each -> left.merge(each, 1, Integer::sum));
            Set<ByteBuffer> known = Set.copyOf(left.keySet());
            int extra = 0;
            for (ByteBuffer each : got) {
                if (left.getOrDefault(each, 0) > 0) {
                    left.merge(each, -1, Integer::sum);
                } else {
                    extra++;
                    if (known.contains(each)) {
                        repeated++;
                    } else {
                        different++;
                    }
                }
            }
            int missing = left.values().stream().mapToInt(Integer::intValue).sum();
            lost += missing;
            reordered += missing == 0 && extra == 0 ? 1 : 0;
        }
        return new Difference(total, lost, repeated, different, reordered);
    }

    private static List<ByteBuffer> wrap(List<byte[]> values) {
        return values.stream().map(ByteBuffer::wrap).toList();
    }
}

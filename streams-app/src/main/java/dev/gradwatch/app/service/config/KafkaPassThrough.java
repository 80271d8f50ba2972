package dev.gradwatch.app.service.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The Kafka properties that people may set themselves, and those that they may not. */
final class KafkaPassThrough {

    private static final List<String> CLIENT_PREFIXES =
            List.of("main.consumer.", "restore.consumer.", "global.consumer.", "consumer.", "producer.", "admin.");

    /** Set through a key of ours, which checks it. */
    private static final Map<String, String> OWN_KEYS = Map.of(
            "bootstrap.servers", "kafka.bootstrap-servers",
            "application.id", "streams.application-id",
            "group.id", "streams.application-id",
            "num.stream.threads", "streams.threads",
            "state.dir", "streams.state-dir",
            "commit.interval.ms", "streams.commit-interval",
            "num.standby.replicas", "streams.standby-replicas",
            "replication.factor", "topics.replication-factor",
            "group.protocol", "streams.group-protocol");

    /** Wrong values here lose, repeat or misread records. */
    private static final Set<String> FIXED = Set.of(
            "processing.guarantee",
            "isolation.level",
            "enable.idempotence",
            "acks",
            "transactional.id",
            "enable.auto.commit",
            "auto.offset.reset",
            "key.serializer",
            "value.serializer",
            "key.deserializer",
            "value.deserializer",
            "default.key.serde",
            "default.value.serde",
            "deserialization.exception.handler",
            "default.deserialization.exception.handler",
            "processing.exception.handler",
            "processing.exception.handler.global.enabled",
            "production.exception.handler",
            "default.production.exception.handler",
            "errors.dead.letter.queue.topic.name",
            "ensure.explicit.internal.resource.naming");

    private KafkaPassThrough() {}

    /** Why the property may not be set, or nothing. */
    static Optional<String> objection(String property) {
        String bare = bare(property);
        if (OWN_KEYS.containsKey(bare)) {
            return Optional.of("is set by the key " + OWN_KEYS.get(bare));
        }
        return FIXED.contains(bare)
                ? Optional.of("is not for configuration: correct delivery rests on Gradwatch's own value")
                : Optional.empty();
    }

    /** The properties of a plain client: without those that only Kafka Streams understands. */
    static Map<String, String> forPlainClient(Map<String, String> properties) {
        Map<String, String> plain = new TreeMap<>();
        Set<String> streamsOnly =
                new java.util.TreeSet<>(StreamsConfig.configDef().names());
        streamsOnly.removeAll(ConsumerConfig.configNames());
        streamsOnly.removeAll(ProducerConfig.configNames());
        streamsOnly.removeAll(AdminClientConfig.configNames());
        new HashMap<>(properties).forEach((name, value) -> {
            if (name.equals(bare(name)) && !name.startsWith("topic.") && !streamsOnly.contains(name)) {
                plain.put(name, value);
            }
        });
        return plain;
    }

    private static String bare(String property) {
        for (String prefix : CLIENT_PREFIXES) {
            if (property.startsWith(prefix)) {
                return property.substring(prefix.length());
            }
        }
        return property;
    }
}

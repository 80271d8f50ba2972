package dev.gradwatch.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The time limit only ends a hang: Kafka's clients wait for a lost broker without end. */
@Timeout(180)
class EmbeddedBrokerIT {

    private static final String TOPIC = "training";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @Test
    void keepsItsClusterItsAddressAndCommittedRecordsWhenItIsHaltedAndStartedAgain() throws Exception {
        String clusterId;
        String address;
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder)) {
            clusterId = broker.clusterId();
            address = broker.bootstrapServers();
            createTopic(broker);
            KafkaProducer<String, String> producer = transactionalProducer(broker);
            commit(producer, "kept");
            producer.beginTransaction();
            send(producer, "never committed");
            broker.halt();
            // An orderly close would wait for ever for a broker to abort the transaction on.
            producer.close(Duration.ZERO);
        }

        try (EmbeddedBroker broker = EmbeddedBroker.start(folder)) {
            assertThat(broker.clusterId()).isEqualTo(clusterId);
            assertThat(broker.bootstrapServers()).isEqualTo(address).startsWith("127.0.0.1:");
            try (KafkaProducer<String, String> producer = transactionalProducer(broker)) {
                commit(producer, "after the halt");
            }
            assertThat(committed(broker, 2)).containsExactly("kept", "after the halt");
        }
    }

    @Test
    void keepsRecordsOverACleanStop() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder)) {
            createTopic(broker);
            try (KafkaProducer<String, String> producer = transactionalProducer(broker)) {
                commit(producer, "kept");
            }
        }
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder)) {
            assertThat(committed(broker, 1)).containsExactly("kept");
        }
    }

    @Test
    void movesToOtherPortsWhenItsOwnAreTaken() throws Exception {
        String first;
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder)) {
            first = broker.bootstrapServers();
            createTopic(broker);
            try (KafkaProducer<String, String> producer = transactionalProducer(broker)) {
                commit(producer, "kept");
            }
        }
        try (ServerSocket squatter = squatOn(first);
                EmbeddedBroker broker = EmbeddedBroker.start(folder)) {
            assertThat(broker.bootstrapServers())
                    .isNotEqualTo(first)
                    .doesNotContain(Integer.toString(squatter.getLocalPort()));
            assertThat(committed(broker, 1)).containsExactly("kept");
        }
    }

    @Test
    void doesNotCreateTopicsByThemselvesUnlessTheCallerSaysSo() {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder);
                Admin admin = admin(broker)) {
            assertThatThrownBy(() -> admin.describeTopics(List.of("mistyped"))
                            .allTopicNames()
                            .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
        }
    }

    @Test
    void takesSettingsOfTheCaller() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder, Map.of("num.partitions", "7"));
                Admin admin = admin(broker)) {
            admin.createTopics(List.of(new NewTopic("by-default", Optional.empty(), Optional.empty())))
                    .all()
                    .get();
            assertThat(admin.describeTopics(List.of("by-default"))
                            .allTopicNames()
                            .get()
                            .get("by-default")
                            .partitions())
                    .hasSize(7);
        }
    }

    @Test
    void refusesAFolderThatAnotherBrokerUsesAndNamesIt() {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder)) {
            assertThat(broker.bootstrapServers()).isNotEmpty();
            assertThatThrownBy(() -> EmbeddedBroker.start(folder))
                    .isInstanceOf(ClusterStartException.class)
                    .hasMessageContaining(folder.toString())
                    .hasMessageContaining("close its other user first");
            assertThatCode(() -> createTopic(broker)).doesNotThrowAnyException();
        }
    }

    private static void createTopic(EmbeddedBroker broker) throws Exception {
        try (Admin admin = admin(broker)) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
        }
    }

    private static Admin admin(EmbeddedBroker broker) {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    private static KafkaProducer<String, String> transactionalProducer(EmbeddedBroker broker) {
        KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers", broker.bootstrapServers(),
                        "transactional.id", "embedded-broker-it",
                        "max.block.ms", "30000"),
                new StringSerializer(),
                new StringSerializer());
        producer.initTransactions();
        return producer;
    }

    private static void commit(KafkaProducer<String, String> producer, String value) throws Exception {
        producer.beginTransaction();
        send(producer, value);
        producer.commitTransaction();
    }

    private static void send(KafkaProducer<String, String> producer, String value) throws Exception {
        producer.send(new ProducerRecord<>(TOPIC, "run", value)).get();
    }

    private static List<String> committed(EmbeddedBroker broker, int atLeast) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", broker.bootstrapServers(),
                        "isolation.level", "read_committed",
                        "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition(TOPIC, 0)));
            await().atMost(PATIENCE).until(() -> {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    values.add(record.value());
                }
                return values.size() >= atLeast;
            });
        }
        return values;
    }

    private static ServerSocket squatOn(String address) throws IOException {
        int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
        return new ServerSocket(port, 1, LoopbackPorts.loopback());
    }
}

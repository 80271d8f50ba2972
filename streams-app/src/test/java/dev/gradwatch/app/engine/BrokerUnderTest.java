package dev.gradwatch.app.engine;

import dev.gradwatch.cluster.EmbeddedBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.testcontainers.kafka.KafkaContainer;

/**
 * The broker that integration tests run against, with a client's view of it: embedded by default; the one at
 * {@code -Dit.bootstrap=host:port}; or with {@code -Dit.testcontainers=true} one in a container. Names that began with
 * {@code gradwatch.} would be configuration keys, and unknown ones.
 */
abstract class BrokerUnderTest implements AutoCloseable {

    private static final String IMAGE = "apache/kafka:4.3.1";

    static BrokerUnderTest start(Path folder) {
        String bootstrap = System.getProperty("it.bootstrap", "");
        if (!bootstrap.isBlank()) {
            return new BrokerUnderTest() {
                @Override
                String bootstrapServers() {
                    return bootstrap;
                }

                @Override
                public void close() {}
            };
        }
        return Boolean.getBoolean("it.testcontainers") ? contained() : embedded(folder);
    }

    private static BrokerUnderTest embedded(Path folder) {
        EmbeddedBroker broker = EmbeddedBroker.start(folder);
        return new BrokerUnderTest() {
            @Override
            String bootstrapServers() {
                return broker.bootstrapServers();
            }

            @Override
            public void close() {
                broker.close();
            }
        };
    }

    private static BrokerUnderTest contained() {
        KafkaContainer container = new KafkaContainer(IMAGE);
        container.start();
        return new BrokerUnderTest() {
            @Override
            String bootstrapServers() {
                return container.getBootstrapServers();
            }

            @Override
            public void close() {
                container.stop();
            }
        };
    }

    abstract String bootstrapServers();

    @Override
    public abstract void close();

    /** Topics of a name that nobody used before, because the broker may be shared. */
    Topics newTopics(int partitions) {
        Topics topics = new Topics("it-" + UUID.randomUUID());
        try (Admin admin = admin()) {
            List<NewTopic> wanted = new ArrayList<>();
            for (String name :
                    List.of(topics.trainingEvents(), topics.alerts(), topics.runStatus(), topics.deadLetters())) {
                wanted.add(new NewTopic(name, partitions, (short) 1));
            }
            admin.createTopics(wanted).all().get();
        } catch (ExecutionException | InterruptedException e) {
            throw new AssertionError("topics cannot be created", e);
        }
        // Asks every leader. A producer that finds a partition without one may mix up the order of its first batches
        // for good.
        Awaitility.await().untilAsserted(() -> ends(topics.trainingEvents()));
        return topics;
    }

    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrapServers()));
    }

    KafkaProducer<byte[], byte[]> producer(Map<String, String> more) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrapServers());
        properties.put("enable.idempotence", "true");
        // The topics are seconds old. A broker may name itself a partition's leader before it is, refuse the first
        // batch and take the second, which was on its way; the first then never fits in any more.
        properties.put("max.in.flight.requests.per.connection", "1");
        properties.putAll(more);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    void publish(List<ProducerRecord<byte[], byte[]>> records) {
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (ProducerRecord<byte[], byte[]> record : records) {
                sent.add(producer.send(record));
            }
            for (Future<RecordMetadata> each : sent) {
                each.get();
            }
        } catch (ExecutionException | InterruptedException e) {
            throw new AssertionError("records cannot be published", e);
        }
    }

    /** Whether the application committed everything that the topic holds. */
    boolean isProcessed(String applicationId, String topic) {
        return isProcessed(applicationId, ends(topic));
    }

    /** Whether the application committed everything that one partition of the topic holds. */
    boolean isProcessed(String applicationId, String topic, int partition) {
        Map<TopicPartition, Long> ends = ends(topic);
        ends.keySet().removeIf(each -> each.partition() != partition);
        return isProcessed(applicationId, ends);
    }

    private boolean isProcessed(String applicationId, Map<TopicPartition, Long> ends) {
        try (Admin admin = admin()) {
            Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(applicationId)
                    .partitionsToOffsetAndMetadata()
                    .get();
            return ends.entrySet().stream().allMatch(end -> {
                OffsetAndMetadata at = committed.get(end.getKey());
                return end.getValue() == 0 || (at != null && at.offset() >= end.getValue());
            });
        } catch (ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** How far the application is, over all partitions. */
    long processed(String applicationId) {
        try (Admin admin = admin()) {
            return admin.listConsumerGroupOffsets(applicationId).partitionsToOffsetAndMetadata().get().values().stream()
                    .mapToLong(OffsetAndMetadata::offset)
                    .sum();
        } catch (ExecutionException e) {
            return 0;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private Map<TopicPartition, Long> ends(String topic) {
        try (Admin admin = admin()) {
            int partitions = admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get()
                    .get(topic)
                    .partitions()
                    .size();
            Map<TopicPartition, OffsetSpec> latest = IntStream.range(0, partitions)
                    .mapToObj(partition -> new TopicPartition(topic, partition))
                    .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
            Map<TopicPartition, Long> ends = new HashMap<>();
            admin.listOffsets(latest).all().get().forEach((partition, end) -> ends.put(partition, end.offset()));
            return ends;
        } catch (ExecutionException | InterruptedException e) {
            throw new AssertionError("end offsets of " + topic + " cannot be read", e);
        }
    }

    /** Everything in the topic that was committed. */
    List<ConsumerRecord<byte[], byte[]>> read(String topic) {
        Map<TopicPartition, Long> ends = ends(topic);
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrapServers());
        properties.put("isolation.level", "read_committed");
        properties.put("enable.auto.commit", "false");
        properties.put("max.partition.fetch.bytes", Integer.toString(16 << 20));
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(ends.keySet());
            consumer.seekToBeginning(ends.keySet());
            long deadline = System.nanoTime() + 60_000_000_000L;
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("the end of " + topic + " cannot be reached: a transaction stays open");
                }
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        return records;
    }
}

package dev.gradwatch.app.service.brokers;

import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.wire.ConfluentSchemaRegistry;
import dev.gradwatch.wire.SchemaRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The product's one client of the brokers, beside Kafka Streams itself: how consumers, producers and admin clients are made, how long an
 * answer may take, and how it is said that none came. Failures are {@link BrokersUnavailableException} (may work later) and other
 * {@link KafkaException}s. Thread-safe.
 */
public final class BrokerClient implements AutoCloseable {

    /** An answer takes milliseconds; who waits for one wants to know within ten seconds that none comes. */
    public static final Duration ANSWER = Duration.ofSeconds(5);

    /** Creating and deleting topics takes a controller some seconds per thousand partitions. */
    private static final Duration CHANGE = Duration.ofSeconds(30);

    /** Records that wait for each other on the way to a broker: full batches compress well, and nobody sees a fiftieth of a second. */
    private static final int LINGER_MILLIS = 20;

    private static final int BATCH_BYTES = 256 << 10;

    private final Admin admin;
    private final String addresses;

    private BrokerClient(Admin admin, String addresses) {
        this.admin = admin;
        this.addresses = addresses;
    }

    /** Prepares a client; that the brokers are there is only known by asking them something. */
    public static BrokerClient open(GradwatchConfig config) {
        Map<String, Object> properties = new HashMap<>(config.kafkaClientProperties());
        properties.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, Long.toString(ANSWER.toMillis()));
        properties.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.toString(CHANGE.toMillis()));
        String addresses = addresses(config);
        try {
            return new BrokerClient(Admin.create(properties), addresses);
        } catch (KafkaException e) {
            throw cannotConnect(addresses, e);
        }
    }

    /** A consumer without a group, of committed records. */
    static KafkaConsumer<String, byte[]> consumer(GradwatchConfig config, String clientId) {
        Map<String, Object> properties = new HashMap<>(config.kafkaClientProperties());
        properties.putIfAbsent(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) ANSWER.toMillis());
        try {
            return new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
        } catch (KafkaException e) {
            throw cannotConnect(addresses(config), e);
        }
    }

    /** A producer whose records are stored by all replicas, once, in order; what it has taken it never gives up. */
    static KafkaProducer<String, byte[]> producer(GradwatchConfig config, String clientId) {
        Map<String, Object> properties = new HashMap<>(config.kafkaClientProperties());
        properties.putIfAbsent(ProducerConfig.CLIENT_ID_CONFIG, clientId);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MILLIS);
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) ANSWER.toMillis());
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
        try {
            return new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
        } catch (KafkaException e) {
            throw cannotConnect(addresses(config), e);
        }
    }

    /** The schema registry of the configuration. */
    public static SchemaRegistry registry(GradwatchConfig config) {
        return new ConfluentSchemaRegistry(
                config.settings().registry().urls(),
                config.settings().registry().properties());
    }

    public Admin admin() {
        return admin;
    }

    /** Returns how many brokers there are, as soon as one has answered. */
    public int count() {
        Collection<?> nodes = await(admin.describeCluster().nodes());
        return nodes.size();
    }

    /** The answer, or within {@link #ANSWER} an exception that says what happened and what to do. */
    public <T> T await(KafkaFuture<T> answer) {
        return await(answer, ANSWER);
    }

    /** The same for what changes something, which may take longer. */
    public <T> T awaitChange(KafkaFuture<T> answer) {
        return await(answer, CHANGE);
    }

    private <T> T await(KafkaFuture<T> answer, Duration bound) {
        try {
            return answer.get(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (TimeoutException e) {
            throw noAnswer(addresses, bound, e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof AuthenticationException || cause instanceof AuthorizationException) {
                throw new KafkaException(
                        "the brokers at " + addresses + " refuse: " + cause.getMessage()
                                + ": check the security settings in kafka.properties.* and the permissions of this user",
                        cause);
            }
            if (cause instanceof RetriableException) {
                throw noAnswer(addresses, bound, cause);
            }
            throw cause instanceof KafkaException known ? known : new KafkaException(cause);
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }

    /** Where the configuration says that the brokers are. */
    static String addresses(GradwatchConfig config) {
        return String.join(",", config.settings().kafka().bootstrapServers());
    }

    /** What to say when brokers do not answer. */
    static BrokersUnavailableException noAnswer(String addresses, Duration bound, Throwable cause) {
        return new BrokersUnavailableException(
                "no broker answers at " + addresses + " (waited " + bound.toSeconds()
                        + " s): is one running there, and is the address right (kafka.bootstrap-servers,"
                        + " or --bootstrap-servers)?",
                cause);
    }

    private static BrokersUnavailableException cannotConnect(String addresses, KafkaException e) {
        // Names that do not resolve (yet) and trust stores that cannot be read both come this way.
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new BrokersUnavailableException(
                "cannot connect to " + addresses + ": " + root.getMessage()
                        + "; see kafka.bootstrap-servers and kafka.properties.*",
                e);
    }
}

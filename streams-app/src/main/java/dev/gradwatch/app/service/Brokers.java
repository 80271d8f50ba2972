package dev.gradwatch.app.service;

import dev.gradwatch.app.service.config.GradwatchConfig;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;

/**
 * An admin client whose answers come, or fail in words for people, within a bound. Failures are {@link BrokersUnavailableException} (may
 * work later) and other {@link KafkaException}s. Thread-safe.
 */
final class Brokers implements AutoCloseable {

    private final Admin admin;
    private final String addresses;
    private final Duration patience;

    private Brokers(Admin admin, String addresses, Duration patience) {
        this.admin = admin;
        this.addresses = addresses;
        this.patience = patience;
    }

    /** Prepares a client; that the brokers are there is only known by asking them something. */
    static Brokers open(GradwatchConfig config, Duration patience) {
        Map<String, Object> properties = new HashMap<>(config.kafkaClientProperties());
        properties.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, Long.toString(patience.toMillis()));
        properties.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.toString(patience.toMillis()));
        String addresses = String.join(",", config.settings().kafka().bootstrapServers());
        try {
            return new Brokers(Admin.create(properties), addresses, patience);
        } catch (KafkaException e) {
            // Names that do not resolve (yet) and trust stores that cannot be read both come this way.
            throw new BrokersUnavailableException(
                    "cannot connect to " + addresses + ": " + rootMessage(e)
                            + "; see kafka.bootstrap-servers and kafka.properties.*",
                    e);
        }
    }

    Admin admin() {
        return admin;
    }

    /** Returns how many brokers there are, as soon as one has answered. */
    int count() {
        Collection<?> nodes = await(admin.describeCluster().nodes());
        return nodes.size();
    }

    /** The answer, or an exception that says what happened and what to do. */
    <T> T await(KafkaFuture<T> answer) {
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (TimeoutException e) {
            throw unavailable(e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof AuthenticationException || cause instanceof AuthorizationException) {
                throw new KafkaException(
                        "the brokers at " + addresses + " refuse: " + cause.getMessage()
                                + ": check the security settings in kafka.properties.* and the permissions of this user",
                        cause);
            }
            if (cause instanceof RetriableException) {
                throw unavailable(cause);
            }
            throw cause instanceof KafkaException known ? known : new KafkaException(cause);
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }

    private BrokersUnavailableException unavailable(Throwable cause) {
        return new BrokersUnavailableException(
                "no broker at " + addresses + " answered within " + patience.toSeconds() + " s", cause);
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage();
    }
}

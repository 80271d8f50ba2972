package dev.gradwatch.sandbox;

import dev.gradwatch.app.service.brokers.TopicReader;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.schemas.Alert;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the alert topic on a thread of its own, as any consumer of alerts would: committed records only, from now on. */
final class AlertFeed implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AlertFeed.class);

    private final TopicReader<Alert> topic;
    private final Consumer<Alert> alerts;
    private final Thread thread = new Thread(this::work, "alert-feed");
    private volatile boolean stopping;

    AlertFeed(GradwatchConfig config, Consumer<Alert> alerts) {
        topic = new TopicReader<>(config, config.topics().alerts(), Alert.class, "sandbox-alerts", LOG::warn);
        this.alerts = alerts;
        topic.connect();
        topic.fromEnd();
    }

    void start() {
        thread.start();
    }

    @Override
    public void close() {
        stopping = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        topic.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        try {
            topic.follow(
                    (run, alert) -> {
                        if (alert != null) {
                            alerts.accept(alert);
                        }
                    },
                    () -> stopping);
        } catch (RuntimeException e) {
            LOG.error("The alerts can no longer be read", e);
        }
    }
}

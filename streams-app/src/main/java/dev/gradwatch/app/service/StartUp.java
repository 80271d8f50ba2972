package dev.gradwatch.app.service;

import dev.gradwatch.app.engine.EngineSettings;
import dev.gradwatch.app.engine.StateFolder;
import dev.gradwatch.app.engine.TopicCheck;
import dev.gradwatch.app.service.brokers.BrokerClient;
import dev.gradwatch.app.service.brokers.BrokersUnavailableException;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.wire.Backoff;
import dev.gradwatch.wire.RegistryUnavailableException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must be there before processing starts, in order: brokers, topics, registry and schemas. Waits without end for what may come by
 * itself, and fails at once for what somebody must do. {@link #stage()} may be read from any thread.
 */
final class StartUp {

    private static final Logger LOG = LoggerFactory.getLogger(StartUp.class);

    private final GradwatchConfig config;
    private final EngineSettings settings;
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private volatile String stage = "not started";

    StartUp(GradwatchConfig config, EngineSettings settings) {
        this.config = config;
        this.settings = settings;
    }

    /** What is being waited for, for people. */
    String stage() {
        return stage;
    }

    /** Ends all waiting. */
    void cancel() {
        cancelled.countDown();
    }

    /**
     * Returns when everything is there.
     *
     * @return false when it was cancelled before
     */
    boolean run(StreamsRun streams) throws InterruptedException {
        StateFolder.check(settings.stateDir(), settings.applicationId());
        boolean register = config.settings().registry().autoRegister();
        return await("the brokers", this::checkBrokersAndTopics)
                && await("the schema registry", () -> streams.resolveSchemas(register))
                && cancelled.getCount() > 0;
    }

    private void checkBrokersAndTopics() {
        try (BrokerClient brokers = BrokerClient.open(config)) {
            brokers.count();
            new TopicCheck(brokers.admin(), settings).check();
        }
    }

    private boolean await(String whom, Runnable attempt) throws InterruptedException {
        stage = "waiting for " + whom;
        Backoff backoff = new Backoff();
        boolean told = false;
        while (cancelled.getCount() > 0) {
            RuntimeException outage = outage(attempt);
            if (outage == null) {
                if (told) {
                    LOG.info("Found {}.", whom);
                }
                return true;
            }
            stage = "waiting for " + whom + ": " + outage.getMessage();
            if (!told) {
                LOG.warn("Waiting for {}: {}", whom, outage.getMessage());
                told = true;
            }
            if (cancelled.await(backoff.next().toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
        return false;
    }

    /** What may pass by itself; {@code null} when all is well. Anything else is thrown on. */
    private static RuntimeException outage(Runnable attempt) {
        try {
            attempt.run();
            return null;
        } catch (BrokersUnavailableException | RegistryUnavailableException | RetriableException e) {
            return e;
        }
    }
}

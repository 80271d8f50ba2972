package dev.gradwatch.sandbox;

import dev.gradwatch.app.service.brokers.EventPublisher;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.sandbox.fleet.Fleet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets the fleet train on a thread of its own and publishes what it says, as any training job would. */
final class FleetPublisher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FleetPublisher.class);
    private static final long BETWEEN_LOOKS_MILLIS = 15;

    private final Fleet fleet;
    private final EventPublisher publisher;
    private final Consumer<Long> nextRun;
    private final Thread thread = new Thread(this::work, "fleet");
    private final AtomicLong records = new AtomicLong();
    private final AtomicLong steps = new AtomicLong();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private volatile boolean stopping;
    private volatile Progress progress = new Progress(0, 0, 0, 0, 0);

    /** How far the fleet is. */
    record Progress(long started, long running, long ended, long records, long steps) {}

    /**
     * @param makeFleet makes the fleet, given where its records go
     * @param nextRun is told the number of the next run whenever one starts
     */
    FleetPublisher(GradwatchConfig config, Function<Consumer<RunRecord>, Fleet> makeFleet, Consumer<Long> nextRun) {
        publisher = new EventPublisher(config, "sandbox-fleet", LOG::warn);
        fleet = makeFleet.apply(this::publish);
        this.nextRun = nextRun;
    }

    void start() {
        thread.start();
    }

    Progress progress() {
        return progress;
    }

    /** Why publishing failed, or {@code null}. */
    Exception failure() {
        return failure.get();
    }

    /** Ends every run, publishes that, and stops. */
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
        try {
            publisher.awaitDelivered();
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (RuntimeException e) {
            failed(e);
        }
        publisher.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        long first = fleet.nextNumber();
        long known = first;
        try {
            while (!stopping) {
                fleet.advance(System.currentTimeMillis());
                if (fleet.nextNumber() != known) {
                    known = fleet.nextNumber();
                    nextRun.accept(known);
                }
                progress = new Progress(known - first, fleet.running(), fleet.ended(), records.get(), steps.get());
                Thread.sleep(BETWEEN_LOOKS_MILLIS);
            }
            fleet.stop(System.currentTimeMillis(), "the sandbox ended");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void publish(RunRecord record) {
        try {
            publisher.publish(record);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("stopped while the fleet published", e);
        }
        records.incrementAndGet();
        if (record.event() instanceof GradientNorms norms) {
            steps.addAndGet(norms.steps().size());
        }
    }

    private void failed(Exception problem) {
        if (failure.compareAndSet(null, problem)) {
            LOG.error("The fleet's records could not be published", problem);
        }
    }
}

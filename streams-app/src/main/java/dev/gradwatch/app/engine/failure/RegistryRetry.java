package dev.gradwatch.app.engine.failure;

import dev.gradwatch.wire.Backoff;
import dev.gradwatch.wire.RegistryUnavailableException;
import dev.gradwatch.wire.UndecodableRecordException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits in place while the schema registry does not answer: the record stays where it is, and nothing after it is taken. One for all
 * threads; thread-safe.
 */
public final class RegistryRetry {

    private static final Logger LOG = LoggerFactory.getLogger(RegistryRetry.class);

    private final Duration patience;
    private final StopSignal stop;
    private final Consumer<Boolean> onOutage;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean outageTold = new AtomicBoolean();

    /** Something that needs the registry. */
    @FunctionalInterface
    public interface Attempt<T> {
        T get() throws UndecodableRecordException;
    }

    public RegistryRetry(Duration patience, StopSignal stop, Consumer<Boolean> onOutage) {
        this.patience = patience;
        this.stop = stop;
        this.onOutage = onOutage;
    }

    /**
     * What the attempt gives, as soon as the registry lets it.
     *
     * @throws RegistryOutageException when patience ends, or the service does
     */
    public <T> T await(Attempt<T> attempt) throws UndecodableRecordException {
        try {
            T value = attempt.get();
            if (outageTold.get() && waiting.get() == 0) {
                tellOutage(false);
            }
            return value;
        } catch (RegistryUnavailableException e) {
            waiting.incrementAndGet();
            try {
                tellOutage(true);
                return awaitAnswer(attempt, e);
            } finally {
                waiting.decrementAndGet();
            }
        }
    }

    private <T> T awaitAnswer(Attempt<T> attempt, RegistryUnavailableException first)
            throws UndecodableRecordException {
        LOG.warn(
                "The schema registry does not answer; waiting up to {} s: {}",
                patience.toSeconds(),
                first.getMessage());
        long deadline = System.nanoTime() + patience.toNanos();
        Backoff backoff = new Backoff();
        RegistryUnavailableException last = first;
        while (System.nanoTime() - deadline < 0) {
            if (stop.await(backoff.next())) {
                throw new RegistryOutageException("The service stops while it waits for the schema registry.", last);
            }
            try {
                T value = attempt.get();
                LOG.info("The schema registry answers again.");
                tellOutage(false);
                return value;
            } catch (RegistryUnavailableException e) {
                last = e;
            }
        }
        throw new RegistryOutageException(
                "The schema registry did not answer for " + patience.toSeconds()
                        + " s. This thread starts over at its last commit and nothing is lost; see to the registry: "
                        + last.getMessage(),
                last);
    }

    /** An outage outlives the thread that gave up on it, so it ends with an answer and not with the waiting. */
    private void tellOutage(boolean outage) {
        if (outageTold.compareAndSet(!outage, outage)) {
            onOutage.accept(outage);
        }
    }
}

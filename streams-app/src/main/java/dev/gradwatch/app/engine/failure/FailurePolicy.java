package dev.gradwatch.app.engine.failure;

import dev.gradwatch.app.engine.partitions.TooManyBadRecordsException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a stream thread's exception. Too many bad records end the service. A registry outage never does: a new thread takes over,
 * as often as it takes. Anything else is tried again with growing pauses, and ends the service when it keeps happening. Nothing is lost
 * either way, because nothing past the last commit counts. One for all threads; thread-safe.
 */
public final class FailurePolicy implements StreamsUncaughtExceptionHandler {

    public static final int MOST_RESTARTS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(FailurePolicy.class);
    private static final Duration RESTARTS_COUNT_FOR = Duration.ofMinutes(10);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final StopSignal stop;
    private final Consumer<Throwable> onEnd;
    private final Deque<Long> restarts = new ArrayDeque<>();

    /** @param onEnd is told the exception that ends the service */
    public FailurePolicy(StopSignal stop, Consumer<Throwable> onEnd) {
        this.stop = stop;
        this.onEnd = onEnd;
    }

    @Override
    public StreamThreadExceptionResponse handle(Throwable exception) {
        if (stop.isGiven()) {
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        TooManyBadRecordsException tooManyBad = causeOf(exception, TooManyBadRecordsException.class);
        if (tooManyBad != null) {
            return end(tooManyBad);
        }
        FencedInstanceIdException fenced = causeOf(exception, FencedInstanceIdException.class);
        if (fenced != null) {
            return end(new IllegalStateException(
                    "another instance runs with the same streams.instance-id; each needs one of its own", fenced));
        }
        if (exception instanceof Error) {
            return end(exception);
        }
        if (causeOf(exception, RegistryOutageException.class) != null) {
            LOG.warn("A thread starts over: {}", exception.getMessage());
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        int recent = countRestart();
        if (recent > MOST_RESTARTS) {
            return end(new IllegalStateException(
                    "A thread failed " + recent + " times within " + RESTARTS_COUNT_FOR.toMinutes()
                            + " minutes, so the service stops. The latest reason: " + exception.getMessage(),
                    exception));
        }
        LOG.error(
                "A thread failed and starts over at the last commit ({} of {} times)",
                recent,
                MOST_RESTARTS,
                exception);
        stop.await(pause(recent));
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }

    private StreamThreadExceptionResponse end(Throwable reason) {
        LOG.error("The service stops: {}", reason.getMessage(), reason);
        onEnd.accept(reason);
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    private synchronized int countRestart() {
        long now = System.nanoTime();
        while (!restarts.isEmpty() && now - restarts.peekFirst() > RESTARTS_COUNT_FOR.toNanos()) {
            restarts.removeFirst();
        }
        restarts.addLast(now);
        return restarts.size();
    }

    private static Duration pause(int attempt) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(attempt - 1, 10));
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    private static <T extends Throwable> T causeOf(Throwable exception, Class<T> type) {
        Throwable at = exception;
        for (int depth = 0; at != null && depth < 20; depth++) {
            if (type.isInstance(at)) {
                return type.cast(at);
            }
            at = at.getCause();
        }
        return null;
    }
}

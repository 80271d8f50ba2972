package dev.gradwatch.app.engine.failure;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.app.engine.partitions.TooManyBadRecordsException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;

class FailurePolicyTest {

    private final List<Throwable> ends = new ArrayList<>();
    private final StopSignal stop = new StopSignal();
    private final FailurePolicy policy = new FailurePolicy(stop, ends::add);

    @Test
    void endsTheServiceOverTooManyBadRecords() {
        TooManyBadRecordsException reason = new TooManyBadRecordsException("too many");
        assertThat(policy.handle(new StreamsException("in process", reason))).isEqualTo(SHUTDOWN_CLIENT);
        assertThat(ends).containsExactly(reason);
    }

    @Test
    void neverGivesUpOnTheRegistry() {
        StreamsException outage = new StreamsException(new RegistryOutageException("down", null));
        for (int i = 0; i < 1000; i++) {
            assertThat(policy.handle(outage)).isEqualTo(REPLACE_THREAD);
        }
        assertThat(ends).isEmpty();
    }

    @Test
    void startsAFailedThreadOver() {
        assertThat(policy.handle(new StreamsException("disk full"))).isEqualTo(REPLACE_THREAD);
        assertThat(ends).isEmpty();
    }

    @Test
    void endsTheServiceOverAnError() {
        assertThat(policy.handle(new OutOfMemoryError("heap"))).isEqualTo(SHUTDOWN_CLIENT);
        assertThat(ends).hasSize(1);
    }

    @Test
    void replacesNothingWhileTheServiceStops() {
        stop.give();
        assertThat(policy.handle(new StreamsException("closed"))).isEqualTo(SHUTDOWN_CLIENT);
        assertThat(ends).isEmpty();
    }
}

package dev.gradwatch.app.engine.failure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gradwatch.wire.RegistryUnavailableException;
import dev.gradwatch.wire.UndecodableRecordException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class RegistryRetryTest {

    private final List<Boolean> told = new ArrayList<>();
    private final StopSignal stop = new StopSignal();

    @Test
    void waitsUntilTheRegistryAnswersAndSaysSo() throws UndecodableRecordException {
        AtomicInteger calls = new AtomicInteger();
        String answer = retry(Duration.ofMinutes(1)).await(() -> {
            if (calls.incrementAndGet() < 3) {
                throw new RegistryUnavailableException("down", null);
            }
            return "schema";
        });
        assertThat(answer).isEqualTo("schema");
        assertThat(told).containsExactly(true, false);
    }

    @Test
    void givesUpWhenPatienceEndsAndStaysAlarmedUntilAnAnswer() throws UndecodableRecordException {
        RegistryRetry retry = retry(Duration.ofMillis(150));
        assertThatThrownBy(() -> retry.await(RegistryRetryTest::unavailable))
                .isInstanceOf(RegistryOutageException.class)
                .hasMessageContaining("nothing is lost");
        assertThat(told).containsExactly(true);
        retry.await(() -> "schema");
        assertThat(told).containsExactly(true, false);
    }

    @Test
    void wakesUpWhenTheServiceStops() {
        CompletableFuture<String> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return retry(Duration.ofHours(1)).await(RegistryRetryTest::unavailable);
            } catch (UndecodableRecordException e) {
                throw new CompletionException(e);
            }
        });
        Awaitility.await().until(() -> !told.isEmpty());
        stop.give();
        assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(RegistryOutageException.class)
                .hasMessageContaining("stops");
    }

    private RegistryRetry retry(Duration patience) {
        return new RegistryRetry(patience, stop, told::add);
    }

    private static String unavailable() {
        throw new RegistryUnavailableException("down", null);
    }
}

package dev.gradwatch.app.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gradwatch.app.service.config.GradwatchConfig;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GradwatchServiceTest {

    /** Nobody listens there: ports below 1024 are not given to programs that ask for any. */
    private static final Map<String, String> NOBODY =
            Map.of("kafka.bootstrap-servers", "127.0.0.1:1", "registry.urls", "http://127.0.0.1:1", "http.port", "0");

    @TempDir
    Path folder;

    @Test
    void answersHealthWhileItWaitsForTheBrokers() throws Exception {
        GradwatchService service = new GradwatchService(config());
        try (service) {
            service.start();

            assertThat(get(service.address().resolve("/health/live")).statusCode())
                    .isEqualTo(200);
            HttpResponse<String> ready = get(service.address().resolve("/health/ready"));
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body()).contains("waiting for the brokers");
            assertThat(get(service.address().resolve("/metrics")).body()).contains("gradwatch_registry_waiting 0.0");
            assertThatThrownBy(() -> service.awaitReady(Duration.ofMillis(100)))
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining("streams: waiting for the brokers");
        }
        assertThat(service.awaitTermination().exitCode()).isZero();
    }

    @Test
    void canBeClosedBeforeItStarts() throws Exception {
        GradwatchService service = new GradwatchService(config());
        service.close();

        assertThat(service.awaitTermination().exitCode()).isZero();
    }

    private GradwatchConfig config() {
        Map<String, String> values = new HashMap<>(NOBODY);
        values.put("streams.state-dir", folder.toString());
        return GradwatchConfig.of(values);
    }

    private static HttpResponse<String> get(URI uri) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}

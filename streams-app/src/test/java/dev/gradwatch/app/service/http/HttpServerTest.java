package dev.gradwatch.app.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gradwatch.app.service.metrics.Telemetry;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpServerTest {

    private final HttpClient client = HttpClient.newHttpClient();
    private final Telemetry telemetry = new Telemetry(100, 50);
    private final List<Health.Check> checks = new ArrayList<>();
    private HttpServer server;

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
        telemetry.close();
    }

    @Test
    void saysWhyItIsNotReady() throws Exception {
        serve(Optional.empty());
        checks.add(new Health.Check("brokers", true, "answered"));
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);

        checks.add(new Health.Check("registry", false, "says \"no\""));
        HttpResponse<String> down = get("/health/ready");

        JsonNode json = new ObjectMapper().readTree(down.body());
        assertThat(down.statusCode()).isEqualTo(503);
        assertThat(down.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(json.get("status").asText()).isEqualTo("down");
        assertThat(json.get("checks").get(1).get("name").asText()).isEqualTo("registry");
        assertThat(json.get("checks").get(1).get("up").asBoolean()).isFalse();
        assertThat(json.get("checks").get(1).get("detail").asText()).isEqualTo("says \"no\"");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void servesMetricsAsTextAndAsOpenMetrics() throws Exception {
        serve(Optional.empty());

        HttpResponse<String> text = get("/metrics");
        assertThat(text.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain; version=0.0.4");
        assertThat(text.body())
                .contains("gradwatch_runs_active 0.0")
                .contains("jvm_memory_used_bytes")
                .doesNotContain("# EOF");

        HttpResponse<String> open =
                get("/metrics", "Accept", "application/openmetrics-text; version=1.0.0,text/plain;q=0.5");
        assertThat(open.headers().firstValue("Content-Type").orElseThrow())
                .startsWith("application/openmetrics-text; version=1.0.0");
        assertThat(open.body()).endsWith("# EOF\n");
    }

    @Test
    void listsItsPaths() throws Exception {
        serve(Optional.empty());

        assertThat(get("/").body()).contains("/metrics", "/health/live", "/health/ready");
        assertThat(get("/nothing").statusCode()).isEqualTo(404);
        assertThat(get("/").headers().firstValue("Server")).isEmpty();
    }

    @Test
    void aTokenGuardsEverythingButHealth() throws Exception {
        serve(Optional.of("correct-horse"));

        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
        for (String path : List.of("/metrics", "/metrics/", "//metrics", "/", "/nothing", "/health/../metrics")) {
            HttpResponse<String> refused = get(path);
            assertThat(refused.statusCode()).as(path).isIn(400, 401);
            assertThat(refused.body()).doesNotContain("gradwatch_");
        }
        assertThat(get("/metrics", "Authorization", "Bearer wrong-horse").statusCode())
                .isEqualTo(401);
        assertThat(get("/metrics", "Authorization", "Bearer correct-horse").statusCode())
                .isEqualTo(200);
    }

    @Test
    void resumesAPausedPartitionForWhoeverHasTheToken() throws Exception {
        serve(Optional.of("correct-horse"));

        assertThat(post("/partitions/3/resume").statusCode()).isEqualTo(401);
        HttpResponse<String> resumed = post("/partitions/3/resume", "Authorization", "Bearer correct-horse");
        assertThat(resumed.statusCode()).isEqualTo(200);
        assertThat(resumed.body()).contains("Partition 3 is read again");
        assertThat(post("/partitions/4/resume", "Authorization", "Bearer correct-horse")
                        .statusCode())
                .isEqualTo(404);
        assertThat(post("/partitions/x/resume", "Authorization", "Bearer correct-horse")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void resumesForThisMachineWithoutATokenButForNoPage() throws Exception {
        serve(Optional.empty());

        assertThat(post("/partitions/3/resume").statusCode()).isEqualTo(200);
        assertThat(post("/partitions/3/resume", "Origin", "http://elsewhere.example")
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void saysWhichPortIsTaken() {
        serve(Optional.empty());
        int taken = server.address().getPort();

        try (HttpServer second = new HttpServer("127.0.0.1", taken, Optional.empty(), List.of())) {
            assertThatThrownBy(second::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("127.0.0.1:" + taken)
                    .hasMessageContaining("http.port");
        }
    }

    private void serve(Optional<String> token) {
        server = new HttpServer(
                "127.0.0.1",
                0,
                token,
                ServiceEndpoints.of(
                        telemetry, () -> Health.of(List.of()), () -> Health.of(checks), partition -> partition == 3));
        server.start();
    }

    private HttpResponse<String> post(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(java.net.URI.create(server.address() + path))
                .POST(HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(java.net.URI.create(server.address() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}

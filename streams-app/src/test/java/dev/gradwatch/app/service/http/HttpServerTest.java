package dev.gradwatch.app.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gradwatch.app.service.metrics.Telemetry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
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

    @Test
    void clientsThatNeverReadHoldNobodyUp() throws Exception {
        server = new HttpServer(
                "127.0.0.1",
                0,
                Optional.empty(),
                List.of(
                        new Endpoint(
                                "/metrics",
                                "Large.",
                                false,
                                false,
                                asked -> new Endpoint.Answer(200, "text/plain", "x".repeat(8 << 20))),
                        new Endpoint(
                                "/health/live",
                                "Small.",
                                true,
                                true,
                                asked -> new Endpoint.Answer(200, "text/plain", "alive"))));
        server.start();
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 2 * HttpServer.MOST_CONNECTIONS; i++) {
                Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(), server.address().getPort());
                silent.add(socket);
                try {
                    socket.getOutputStream()
                            .write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    // One of the oldest, already closed.
                }
                if (i % 100 == 20) {
                    assertThat(get("/health/live").body()).isEqualTo("alive");
                }
            }
            assertThat(get("/health/live").body()).isEqualTo("alive");
            assertThat(get("/metrics").body()).hasSize(8 << 20);
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void connectionsThatSayNothingMakeRoomForNewOnes() throws Exception {
        serve(Optional.empty());
        List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < HttpServer.MOST_CONNECTIONS + 50; i++) {
                idle.add(new Socket(
                        InetAddress.getLoopbackAddress(), server.address().getPort()));
            }
            assertThat(get("/health/live").statusCode()).isEqualTo(200);
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }

    @Test
    void aWrongMethodIsToldWhichAreRight() throws Exception {
        serve(Optional.empty());
        for (String path : List.of("/metrics", "/health/live", "/")) {
            for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")) {
                HttpResponse<String> refused = send(path, method);
                assertThat(refused.statusCode()).as(method + " " + path).isEqualTo(405);
                assertThat(refused.headers().firstValue("Allow")).contains("GET, HEAD");
            }
            HttpResponse<String> head = send(path, "HEAD");
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.body()).isEmpty();
        }
        assertThat(send("/nothing", "POST").statusCode()).isEqualTo(404);
    }

    @Test
    void aPageBeyondTheBoundIsRefusedInWords() throws Exception {
        server = new HttpServer(
                "127.0.0.1",
                0,
                Optional.empty(),
                List.of(new Endpoint(
                        "/metrics",
                        "Too large.",
                        false,
                        false,
                        asked -> new Endpoint.Answer(200, "text/plain", "x".repeat(20 << 20)))));
        server.start();

        HttpResponse<String> refused = get("/metrics");

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).contains("20 MB", "metrics.run-alerts");
    }

    @Test
    void whatFailsIsNotTold() throws Exception {
        server = new HttpServer(
                "127.0.0.1", 0, Optional.empty(), List.of(new Endpoint("/metrics", "Broken.", false, false, asked -> {
                    throw new IllegalStateException("the inside");
                })));
        server.start();

        assertThat(get("/metrics").statusCode()).isEqualTo(500);
        assertThat(get("/metrics").body()).doesNotContain("inside").contains("log");
    }

    private HttpResponse<String> send(String path, String method) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(java.net.URI.create(server.address() + path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}

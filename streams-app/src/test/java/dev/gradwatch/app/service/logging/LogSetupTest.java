package dev.gradwatch.app.service.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import dev.gradwatch.app.service.GradwatchService;
import dev.gradwatch.app.service.brokers.BrokerClient;
import dev.gradwatch.app.service.config.GradwatchConfig;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class LogSetupTest {

    private final PrintStream standard = System.err;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    @BeforeEach
    void capture() {
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void release() {
        System.setErr(standard);
        LogSetup.apply(GradwatchConfig.of(Map.of()));
    }

    @Test
    void levelsAndFormatAreThoseOfTheConfiguration() {
        LogSetup.apply(GradwatchConfig.of(Map.of("log.level", "debug", "log.library-level", "error")));
        assertThat(level("dev.gradwatch.x")).isEqualTo(Level.DEBUG);
        assertThat(level("org.apache.kafka.x")).isEqualTo(Level.ERROR);
        assertThat(level("org.eclipse.jetty.x")).isEqualTo(Level.ERROR);
        LoggerFactory.getLogger("dev.gradwatch.x").debug("plain");
        assertThat(written()).contains("DEBUG x").endsWith("plain" + System.lineSeparator());

        LogSetup.apply(GradwatchConfig.of(Map.of("log.format", "json")));
        LoggerFactory.getLogger("dev.gradwatch.x").info("object");
        assertThat(written()).contains("\"formattedMessage\":\"object\"");
    }

    @Test
    void whatATerminalWouldObeyIsEscapedInBothFormats() {
        for (String format : List.of("console", "json")) {
            LogSetup.apply(GradwatchConfig.of(Map.of("log.format", format)));
            LoggerFactory.getLogger("dev.gradwatch.x")
                    .warn("a\u001b[2Jb\u202ec\u009bd\u200be", new IllegalStateException("f\u202eg"));
        }
        assertThat(written().codePoints().filter(c -> c != '\n' && c != '\t'))
                .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT);
        assertThat(written()).contains("\\u202e");
    }

    /** A start, requests with and without the token, brokers and registry that refuse: everything written down by every logger. */
    @Test
    void noSecretIsEverLogged() throws Exception {
        Map<String, String> secrets = Map.of(
                "http.token", "token-Zebra-1",
                "kafka.properties.sasl.jaas.config",
                        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\""
                                + " password=\"jaas-Zebra-2\";",
                "kafka.properties.ssl.key.password", "key-Zebra-3",
                "registry.properties.basic.auth.user.info", "user:registry-Zebra-4",
                "registry.properties.some.client.password", "store-Zebra-5",
                "registry.urls", "http://someone:url-Zebra-6@127.0.0.1:1");
        Map<String, String> values = new java.util.HashMap<>(secrets);
        values.putAll(Map.of(
                "registry.properties.basic.auth.credentials.source", "USER_INFO",
                "kafka.properties.security.protocol", "SASL_PLAINTEXT",
                "kafka.properties.sasl.mechanism", "PLAIN",
                "kafka.bootstrap-servers", "127.0.0.1:1",
                "streams.state-dir", folder.toString(),
                "http.port", "0",
                "log.level", "trace",
                "log.library-level", "trace"));
        GradwatchConfig config = GradwatchConfig.of(values);
        LogSetup.apply(config);
        everyLoggerAtTrace();
        try (GradwatchService service = new GradwatchService(config)) {
            service.start();
            everyLoggerAtTrace();
            get(service.address(), "Bearer token-Zebra-1");
            get(service.address(), "Bearer wrong");
            Throwable brokers = catchThrowable(() -> BrokerClient.open(config).count());
            Throwable registry =
                    catchThrowable(() -> BrokerClient.registry(config).ping());
            LoggerFactory.getLogger("dev.gradwatch.x").info("brokers: {}, registry: {}", brokers, registry);
            LoggerFactory.getLogger("dev.gradwatch.x").info("configured with {}", values);
        }

        assertThat(written()).contains("configured with").doesNotContain("Zebra");
        assertThat(written())
                .doesNotContain(
                        Base64.getEncoder().encodeToString("user:registry-Zebra-4".getBytes(StandardCharsets.UTF_8)));
    }

    private static void get(URI address, String authorization) throws Exception {
        HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(address.resolve("/metrics"))
                                .header("Authorization", authorization)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    /** All but the web server's own, which the configuration cannot lower either: it prints raw bytes. */
    private static void everyLoggerAtTrace() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        for (Logger logger : context.getLoggerList()) {
            logger.setLevel(logger.getName().startsWith("org.eclipse.jetty") ? null : Level.TRACE);
        }
        context.getLogger("org.eclipse.jetty").setLevel(Level.INFO);
    }

    private static Level level(String name) {
        return ((Logger) LoggerFactory.getLogger(name)).getEffectiveLevel();
    }

    private String written() {
        return written.toString(StandardCharsets.UTF_8);
    }
}

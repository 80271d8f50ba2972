package dev.gradwatch.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.gradwatch.schemas.TrainingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of each answer that a registry, or something in between, can give. */
class ConfluentSchemaRegistryTest {

    private static final Schema SCHEMA = TrainingEvent.getClassSchema();
    private static final String NOT_FOUND = "{\"error_code\":40403,\"message\":\"Schema not found\"}";

    private final ScriptedHttp http = new ScriptedHttp();
    private final AtomicLong nanos = new AtomicLong();
    private final ConfluentSchemaRegistry registry =
            new ConfluentSchemaRegistry(List.of(http.url()), Map.of(), nanos::get);

    @AfterEach
    void stop() {
        registry.close();
        http.close();
    }

    @Test
    void asksOnceForASchemaAndRemembersIt() {
        http.answer(200, "{\"schema\":\"\\\"string\\\"\"}");

        assertThat(registry.schemaById(7)).isEqualTo(Schema.create(Schema.Type.STRING));
        assertThat(registry.schemaById(7)).isEqualTo(Schema.create(Schema.Type.STRING));

        assertThat(http.requests())
                .singleElement()
                .satisfies(request -> assertThat(request.uri()).startsWith("/schemas/ids/7"));
    }

    @Test
    void registersTheSchemaWithoutHintsForJavaSoThatEveryLanguageMeansTheSame() {
        http.answer(200, "{\"id\":12}");

        assertThat(registry.register("events-value", SCHEMA)).isEqualTo(12);
        assertThat(registry.register("events-value", SCHEMA)).isEqualTo(12);
        assertThat(registry.idOf("events-value", SCHEMA)).isEqualTo(12);

        assertThat(http.requests()).singleElement().satisfies(request -> {
            assertThat(request.uri()).startsWith("/subjects/events-value/versions");
            assertThat(request.body()).contains("TrainingEvent").doesNotContain("avro.java.string");
        });
    }

    @Test
    void publishesTheSameSchemaAsTheGeneratedOneButForTheHints() {
        Schema published = new Schema.Parser().parse(PublishedSchema.text(SCHEMA));

        assertThat(published.getField("run_id").schema()).isEqualTo(Schema.create(Schema.Type.STRING));
        assertThat(published.getField("run_id").doc())
                .isEqualTo(SCHEMA.getField("run_id").doc());
        assertThat(org.apache.avro.SchemaNormalization.parsingFingerprint64(published))
                .isEqualTo(org.apache.avro.SchemaNormalization.parsingFingerprint64(SCHEMA));
    }

    @Test
    void asksAgainForAnUnknownIdAfterSomeSecondsOnly() {
        http.answer(404, NOT_FOUND);
        assertThatThrownBy(() -> registry.schemaById(7)).isInstanceOf(SchemaNotFoundException.class);

        http.answer(200, "{\"schema\":\"\\\"string\\\"\"}");
        assertThatThrownBy(() -> registry.schemaById(7)).isInstanceOf(SchemaNotFoundException.class);
        assertThat(http.requests()).hasSize(1);

        nanos.addAndGet(Duration.ofSeconds(6).toNanos());
        assertThat(registry.schemaById(7)).isNotNull();
    }

    @Test
    void saysHowAMissingSchemaComesIntoTheRegistry() {
        http.answer(404, "{\"error_code\":40401,\"message\":\"Subject not found\"}");

        assertThatThrownBy(() -> registry.idOf("events-value", SCHEMA))
                .isInstanceOf(SchemaNotFoundException.class)
                .hasMessageContaining("events-value")
                .hasMessageContaining("registry.auto-register");
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 408, 429, 500, 502, 503, 504})
    void takesAPassingFaultForAnOutageThatEnds(int status) {
        http.answer(status, "{\"error_code\":50001,\"message\":\"store timed out\"}");
        assertThatThrownBy(() -> registry.schemaById(7)).isInstanceOf(RegistryUnavailableException.class);
        assertThatThrownBy(registry::ping).isInstanceOf(RegistryUnavailableException.class);

        http.answer(200, "{\"schema\":\"\\\"string\\\"\"}");
        assertThat(registry.schemaById(7)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>not here</html>", "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}", ""})
    void condemnsNoRecordForANotFoundThatIsNotTheRegistrys(String answer) {
        http.answer(404, answer);

        assertThatThrownBy(() -> registry.schemaById(7))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("check that the address");
    }

    @Test
    void takesAPageInsteadOfAnAnswerForAnOutage() {
        http.answer(200, "<html>please log in</html>");

        assertThatThrownBy(() -> registry.schemaById(7)).isInstanceOf(RegistryUnavailableException.class);
        assertThatThrownBy(registry::ping).isInstanceOf(RegistryUnavailableException.class);
    }

    @ParameterizedTest
    @CsvSource({"409, false", "422, false", "401, true", "403, true"})
    void tellsARefusalFromAnOutage(int status, boolean accessDenied) {
        http.answer(status, "{\"error_code\":" + status + "01,\"message\":\"reader field is missing\"}");

        assertThatThrownBy(() -> registry.register("events-value", SCHEMA))
                .hasMessageContaining("reader field is missing")
                .isInstanceOfSatisfying(
                        RegistryRejectedException.class,
                        e -> assertThat(e.isAccessDenied()).isEqualTo(accessDenied));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"schemaType\":\"PROTOBUF\",\"schema\":\"syntax = \\\"proto3\\\";\"}",
                "{\"schema\":\"{\\\"type\\\":\\\"nonsense\\\"}\"}",
                "{\"schema\":\"not json\"}"
            })
    void refusesASchemaThatNoAvroReaderUnderstandsForGood(String answer) {
        http.answer(200, answer);

        assertThatThrownBy(() -> registry.schemaById(7)).isInstanceOf(RegistryRejectedException.class);
    }

    @Test
    void pingsTheRegistryEveryTime() {
        registry.ping();
        registry.ping();

        assertThat(http.requests()).hasSize(2);
    }

    @Test
    void authenticatesWithUserAndPasswordFromSettingsOrAddress() {
        String basic = "Basic " + Base64.getEncoder().encodeToString("ada:s3cr et".getBytes(StandardCharsets.UTF_8));
        try (ConfluentSchemaRegistry named = new ConfluentSchemaRegistry(
                        List.of(http.url()), Map.of("basic.auth.user.info", "ada:s3cr et"));
                ConfluentSchemaRegistry inUrl = new ConfluentSchemaRegistry(
                        List.of("http://ada:s3cr%20et@127.0.0.1:" + http.port()), Map.of())) {
            named.ping();
            inUrl.ping();
        }

        assertThat(http.requests())
                .extracting(ScriptedHttp.Request::authorization)
                .containsExactly(basic, basic);
    }

    @Test
    void authenticatesWithABearerToken() {
        try (ConfluentSchemaRegistry bearer =
                new ConfluentSchemaRegistry(List.of(http.url()), Map.of("bearer.auth.token", "t0ken"))) {
            bearer.ping();
        }

        assertThat(http.requests())
                .extracting(ScriptedHttp.Request::authorization)
                .containsExactly("Bearer t0ken");
    }

    @Test
    void worksAgainAfterTheRegistryWasGone() {
        int port = http.port();
        registry.ping();
        http.close();
        assertThatThrownBy(registry::ping).isInstanceOf(RegistryUnavailableException.class);
        assertThatThrownBy(() -> registry.schemaById(7)).isInstanceOf(RegistryUnavailableException.class);

        try (ScriptedHttp back = new ScriptedHttp(port)) {
            back.answer(200, "{\"schema\":\"\\\"string\\\"\"}");
            assertThat(registry.schemaById(7)).isNotNull();
        }
    }

    @Test
    void goesOnWithTheSecondNodeWhenTheFirstIsGone() {
        try (ConfluentSchemaRegistry two =
                new ConfluentSchemaRegistry(List.of("http://127.0.0.1:1", http.url()), Map.of())) {
            two.ping();
        }

        assertThat(http.requests()).hasSize(1);
    }

    @Test
    void keepsSecretsOutOfEveryText() {
        try (ConfluentSchemaRegistry secret =
                new ConfluentSchemaRegistry(List.of("http://ada:hidden@127.0.0.1:1"), Map.of())) {
            Throwable fault = catchThrowable(secret::ping);

            assertThat(fault).isInstanceOf(RegistryUnavailableException.class).hasMessageContaining("127.0.0.1:1");
            assertThat(fault.toString() + fault.getCause() + secret).doesNotContain("hidden");
        }
    }

    @Test
    void refusesSettingsItCannotUseWithoutShowingSecrets() {
        assertThatThrownBy(() -> new ConfluentSchemaRegistry(List.of(), Map.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ConfluentSchemaRegistry(List.of("ada:hidden@host"), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("hidden");
        assertThatThrownBy(() -> new ConfluentSchemaRegistry(
                        List.of(http.url()), Map.of("bearer.auth.credentials.source", "OAUTHBEARER")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("STATIC_TOKEN");
        assertThatThrownBy(() -> new ConfluentSchemaRegistry(
                        List.of("https://127.0.0.1:1"),
                        Map.of(
                                "ssl.truststore.location", "/does/not/exist.jks",
                                "ssl.truststore.password", "hidden")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/does/not/exist.jks")
                .hasMessageNotContaining("hidden");
    }
}

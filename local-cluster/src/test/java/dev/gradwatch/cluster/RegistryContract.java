package dev.gradwatch.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What every registry has to do for our service: the part of Confluent's API that Confluent's own client and plain HTTP
 * clients lean on. Subclasses say which registry. Each test takes a subject of its own, so that a registry may be used
 * for all of them.
 *
 * <p>Where Apicurio departs from Confluent's registry, a service that works with both must not depend on the difference:
 * those points are not in here but in {@link RegistryContractTest}, exactly as Confluent's registry has them. Found with
 * Apicurio 3.0.9: schema texts that differ in white space get different ids; the level {@code NONE} cannot be set on a
 * subject without versions; an impossible version number is "not found"; an unknown level is refused without a code; the
 * answer to a changed level has another field name, so that Confluent's client returns null for it; a compatibility
 * question without a version is answered for all versions whatever the level; Confluent's client cannot ask for the mode.
 */
abstract class RegistryContract {

    static final String V1 = record("{\"name\":\"step\",\"type\":\"long\"}");
    static final String WITH_DEFAULT =
            record("{\"name\":\"step\",\"type\":\"long\"},{\"name\":\"loss\",\"type\":\"double\",\"default\":0.0}");
    static final String WITHOUT_DEFAULT =
            record("{\"name\":\"step\",\"type\":\"long\"},{\"name\":\"loss\",\"type\":\"double\"}");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    final String subject = "contract-" + UUID.randomUUID() + "-value";

    /** The address of the API's root, without a slash at the end. */
    abstract String registryUrl();

    record Answer(int status, JsonNode json) {
        int code() {
            return json.path("error_code").asInt();
        }
    }

    @Test
    void givesTheSameIdForTheSameSchemaInEverySubject() throws Exception {
        int id = register(subject, V1);

        assertThat(register(subject, V1)).isEqualTo(id);
        assertThat(register(subject + "-other", V1)).isEqualTo(id);
        assertThat(get("/subjects/" + subject + "/versions").json().toString()).isEqualTo("[1]");
    }

    @Test
    void countsDocumentationAsPartOfTheSchema() throws Exception {
        int plain = register(subject, V1);
        int documented = register(subject, V1.replace("\"fields\"", "\"doc\":\"one step\",\"fields\""));

        assertThat(documented).isNotEqualTo(plain);
    }

    @Test
    void returnsARegisteredSchemaByIdAndByVersion() throws Exception {
        int id = register(subject, V1);

        Answer byId = get("/schemas/ids/" + id);
        assertThat(JSON.readTree(byId.json().get("schema").asText())).isEqualTo(JSON.readTree(V1));
        for (String version : new String[] {"1", "latest"}) {
            Answer byVersion = get("/subjects/" + subject + "/versions/" + version);
            assertThat(byVersion.json().get("subject").asText()).isEqualTo(subject);
            assertThat(byVersion.json().get("version").asInt()).isEqualTo(1);
            assertThat(byVersion.json().get("id").asInt()).isEqualTo(id);
            assertThat(get("/subjects/" + subject + "/versions/" + version + "/schema")
                            .json())
                    .isEqualTo(JSON.readTree(V1));
        }
        assertThat(get("/schemas/ids/" + id + "/versions").json().toString()).contains(subject);
        assertThat(get("/subjects").json().toString()).contains(subject);
        assertThat(get("/schemas/types").json().toString()).contains("AVRO");
    }

    @Test
    void findsASchemaUnderItsSubject() throws Exception {
        int id = register(subject, V1);

        Answer found = post("/subjects/" + subject, V1);

        assertThat(found.status()).isEqualTo(200);
        assertThat(found.json().get("id").asInt()).isEqualTo(id);
        assertThat(found.json().get("version").asInt()).isEqualTo(1);
    }

    @Test
    void saysWhichThingIsMissing() throws Exception {
        refuses(get("/subjects/" + subject + "/versions"), 404, 40401);
        refuses(get("/subjects/" + subject + "/versions/1"), 404, 40401);
        refuses(get("/subjects/" + subject + "/versions/latest"), 404, 40401);
        refuses(post("/subjects/" + subject, V1), 404, 40401);
        refuses(get("/schemas/ids/2000000000"), 404, 40403);

        register(subject, V1);
        refuses(get("/subjects/" + subject + "/versions/9"), 404, 40402);
        assertThat(get("/subjects/" + subject + "/versions/nonsense").status()).isBetween(400, 499);
        refuses(post("/subjects/" + subject, WITH_DEFAULT), 404, 40403);
    }

    @Test
    void refusesWhatIsNotASchema() throws Exception {
        refuses(post("/subjects/" + subject + "/versions", "{\"type\":\"record\"}"), 422, 42201);
    }

    @Test
    void refusesAnUnknownCompatibilityLevel() throws Exception {
        register(subject, V1);
        assertThat(send("PUT", "/config/" + subject, "{\"compatibility\":\"SIDEWAYS\"}")
                        .status())
                .isGreaterThanOrEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        // level, a field with default is added, a field without default is added, a field is removed
        "NONE, true, true, true",
        "BACKWARD, true, false, true",
        "BACKWARD_TRANSITIVE, true, false, true",
        "FORWARD, true, true, false",
        "FORWARD_TRANSITIVE, true, true, false",
        "FULL, true, false, false",
        "FULL_TRANSITIVE, true, false, false"
    })
    void holdsEachCompatibilityLevel(String level, boolean addDefaulted, boolean addBare, boolean remove)
            throws Exception {
        register(subject, V1);
        setLevel(subject, level);
        accepts(subject, WITH_DEFAULT, addDefaulted);
        accepts(subject, WITHOUT_DEFAULT, addBare);

        String removing = subject + "-removing";
        register(removing, WITHOUT_DEFAULT);
        setLevel(removing, level);
        accepts(removing, V1, remove);
    }

    @ParameterizedTest
    @CsvSource({"BACKWARD, true", "BACKWARD_TRANSITIVE, false"})
    void transitiveLevelsLookFurtherBackThanTheLatestVersion(String level, boolean accepted) throws Exception {
        // The third reads the second, which has the field, but not the first, which lacks it.
        register(subject, V1);
        register(subject, WITH_DEFAULT);
        setLevel(subject, level);

        assertThat(post("/subjects/" + subject + "/versions", WITHOUT_DEFAULT).status())
                .isEqualTo(accepted ? 200 : 409);
    }

    @Test
    void refusesToRegisterAnIncompatibleSchema() throws Exception {
        setLevel(subject, "FULL_TRANSITIVE");
        register(subject, V1);

        Answer refused = post("/subjects/" + subject + "/versions", WITHOUT_DEFAULT);

        assertThat(refused.status()).isEqualTo(409);
        assertThat(get("/subjects/" + subject + "/versions").json().toString()).isEqualTo("[1]");
    }

    @Test
    void remembersTheLevelOfASubject() throws Exception {
        register(subject, V1);
        setLevel(subject, "FULL");
        assertThat(get("/config/" + subject).json().get("compatibilityLevel").asText())
                .isEqualTo("FULL");
    }

    @Test
    void keepsDeletedSchemasReadableByIdUntilTheyAreDeletedForGood() throws Exception {
        int id = register(subject, V1);

        assertThat(send("DELETE", "/subjects/" + subject, null).json().toString())
                .isEqualTo("[1]");
        refuses(get("/subjects/" + subject + "/versions"), 404, 40401);
        assertThat(get("/schemas/ids/" + id).status()).isEqualTo(200);
        assertThat(send("DELETE", "/subjects/" + subject + "?permanent=true", null)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void takesSubjectsWithAnyCharacters() throws Exception {
        String odd = subject + " a/b+c%ü";
        String path =
                "/subjects/" + URLEncoder.encode(odd, StandardCharsets.UTF_8).replace("+", "%20");

        assertThat(post(path + "/versions", V1).status()).isEqualTo(200);
        assertThat(get(path + "/versions/1").json().get("subject").asText()).isEqualTo(odd);
    }

    @Test
    void servesTheGenuineClient() throws Exception {
        try (CachedSchemaRegistryClient client = client()) {
            int id = client.register(subject, new AvroSchema(V1));
            assertThat(client.getId(subject, new AvroSchema(V1))).isEqualTo(id);
            client.reset();
            assertThat(client.getSchemaById(id).canonicalString()).isEqualTo(new AvroSchema(V1).canonicalString());
            assertThat(client.getLatestSchemaMetadata(subject).getVersion()).isEqualTo(1);
            assertThat(client.getVersion(subject, new AvroSchema(V1))).isEqualTo(1);
            assertThat(client.getAllVersions(subject)).containsExactly(1);
            assertThat(client.getAllSubjects()).contains(subject);
            client.updateCompatibility(subject, "FULL");
            assertThat(client.getCompatibility(subject)).isEqualTo("FULL");
            assertThat(client.testCompatibility(subject, new AvroSchema(WITH_DEFAULT)))
                    .isTrue();
            assertThat(client.testCompatibility(subject, new AvroSchema(WITHOUT_DEFAULT)))
                    .isFalse();
        }
    }

    @Test
    void tellsTheGenuineClientWhatIsWrong() throws Exception {
        try (CachedSchemaRegistryClient client = client()) {
            assertRefused(() -> client.getSchemaById(2_000_000_000), 404, 40403);
            assertRefused(() -> client.getLatestSchemaMetadata(subject), 404, 40401);
            client.register(subject, new AvroSchema(V1));
            client.updateCompatibility(subject, "FULL");
            assertThatThrownBy(() -> client.register(subject, new AvroSchema(WITHOUT_DEFAULT)))
                    .isInstanceOfSatisfying(
                            RestClientException.class,
                            e -> assertThat(e.getStatus()).isEqualTo(409));
        }
    }

    CachedSchemaRegistryClient client() {
        return new CachedSchemaRegistryClient(registryUrl(), 100, Map.of());
    }

    private static void assertRefused(ThrowingCallable call, int status, int code) {
        assertThatThrownBy(call).isInstanceOfSatisfying(RestClientException.class, e -> {
            assertThat(e.getStatus()).isEqualTo(status);
            assertThat(e.getErrorCode()).isEqualTo(code);
        });
    }

    int register(String name, String schema) throws Exception {
        Answer answer = post("/subjects/" + name + "/versions", schema);
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
        return answer.json().get("id").asInt();
    }

    void setLevel(String name, String level) throws Exception {
        Answer answer = send("PUT", "/config/" + name, "{\"compatibility\":\"" + level + "\"}");
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
    }

    void accepts(String name, String schema, boolean expected) throws Exception {
        Answer answer = post("/compatibility/subjects/" + name + "/versions", schema);
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
        assertThat(answer.json().get("is_compatible").asBoolean())
                .as("%s", answer.json())
                .isEqualTo(expected);
    }

    static void refuses(Answer answer, int status, int code) {
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(status);
        assertThat(answer.code()).as("%s", answer.json()).isEqualTo(code);
        assertThat(answer.json().get("message").asText()).isNotBlank();
    }

    Answer get(String path) throws Exception {
        return send("GET", path, null);
    }

    Answer post(String path, String schema) throws Exception {
        return send("POST", path, JSON.writeValueAsString(Map.of("schema", schema)));
    }

    Answer send(String method, String path, String body) throws Exception {
        HttpRequest.BodyPublisher publisher =
                body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(URI.create(registryUrl() + path))
                        .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .method(method, publisher)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), JSON.readTree(response.body()));
    }

    private static String record(String fields) {
        return "{\"type\":\"record\",\"name\":\"Step\",\"namespace\":\"contract\",\"fields\":[" + fields + "]}";
    }
}

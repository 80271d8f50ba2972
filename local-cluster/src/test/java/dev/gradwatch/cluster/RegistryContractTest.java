package dev.gradwatch.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded registry: the common contract, and what Confluent's registry does beyond it. */
class RegistryContractTest extends RegistryContract {

    @TempDir
    static Path folder;

    private static EmbeddedRegistry registry;

    @BeforeAll
    static void startRegistry() {
        registry = EmbeddedRegistry.start(folder.resolve("registry.json"), 0);
    }

    @AfterAll
    static void stopRegistry() {
        registry.close();
    }

    @Override
    String registryUrl() {
        return registry.url();
    }

    @Test
    void ignoresWhiteSpaceInSchemas() throws Exception {
        int id = register(subject, V1);

        assertThat(register(subject, V1.replace(",", " , "))).isEqualTo(id);
        assertThat(get("/subjects/" + subject + "/versions").json().toString()).isEqualTo("[1]");
    }

    @Test
    void answersNonsenseWithTheExactCodes() throws Exception {
        refuses(send("PUT", "/config/" + subject, "{\"compatibility\":\"SIDEWAYS\"}"), 422, 42203);
        refuses(get("/subjects/" + subject + "/versions/nonsense"), 422, 42202);
        refuses(get("/subjects/" + subject + "/versions/0"), 422, 42202);
        refuses(get("/nowhere"), 404, 404);
        refuses(send("PATCH", "/subjects", "{}"), 405, 405);
        refuses(send("POST", "/subjects/" + subject + "/versions", "not json"), 400, 400);
        refuses(send("POST", "/subjects/" + subject + "/versions", "{}"), 422, 42201);
        refuses(post("/subjects/" + subject + "/versions", "{\"type\":\"record\"}"), 422, 42201);
    }

    @Test
    void setsAndForgetsALevelBeforeTheFirstVersion() throws Exception {
        refuses(get("/config/" + subject), 404, 40408);
        try (CachedSchemaRegistryClient client = client()) {
            assertThat(client.updateCompatibility(subject, "NONE")).isEqualTo("NONE");
            assertThat(client.getMode()).isEqualTo("READWRITE");
        }
        assertThat(get("/config/" + subject).json().get("compatibilityLevel").asText())
                .isEqualTo("NONE");
        assertThat(send("DELETE", "/config/" + subject, null).status()).isEqualTo(200);
        assertThat(get("/config/" + subject + "?defaultToGlobal=true")
                        .json()
                        .get("compatibilityLevel")
                        .asText())
                .isEqualTo("BACKWARD");
    }

    @Test
    void deletesForGoodOnlyWhatWasDeletedBefore() throws Exception {
        int id = register(subject, V1);

        refuses(send("DELETE", "/subjects/" + subject + "?permanent=true", null), 404, 40405);
        assertThat(send("DELETE", "/subjects/" + subject + "/versions/1", null)
                        .json()
                        .asInt())
                .isEqualTo(1);
        refuses(send("DELETE", "/subjects/" + subject + "/versions/1", null), 404, 40406);
        refuses(send("DELETE", "/subjects/" + subject, null), 404, 40404);
        assertThat(register(subject, V1)).isEqualTo(id);
        assertThat(get("/subjects/" + subject + "/versions?deleted=true").json().toString())
                .isEqualTo("[1,2]");
    }

    @Test
    void answersACompatibilityQuestionByTheLevelOfTheSubject() throws Exception {
        register(subject, V1);
        register(subject, WITH_DEFAULT);
        setLevel(subject, "BACKWARD");
        accepts(subject, WITHOUT_DEFAULT, true);
        setLevel(subject, "BACKWARD_TRANSITIVE");
        accepts(subject, WITHOUT_DEFAULT, false);
    }
}

package dev.gradwatch.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRegistryTest {

    private static final AvroSchema STEP = schema("Step");
    private static final AvroSchema EPOCH = schema("Epoch");

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = folder.resolve("registry.json");
    }

    @Test
    void keepsIdsAndLevelsOverARestartOnTheSamePort() throws Exception {
        String url;
        int id;
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(file, 0);
                CachedSchemaRegistryClient client = client(registry.url(), Map.of())) {
            url = registry.url();
            id = client.register("steps", STEP);
            client.updateCompatibility("steps", "FULL_TRANSITIVE");
        }
        try (CachedSchemaRegistryClient client = client(url, Map.of())) {
            assertThatThrownBy(client::getAllSubjects).isInstanceOf(IOException.class);
        }
        try (EmbeddedRegistry registry =
                        EmbeddedRegistry.start(file, URI.create(url).getPort());
                CachedSchemaRegistryClient client = client(url, Map.of())) {
            assertThat(registry.url()).isEqualTo(url);
            assertThat(client.getId("steps", STEP)).isEqualTo(id);
            assertThat(client.getCompatibility("steps")).isEqualTo("FULL_TRANSITIVE");
        }
    }

    @Test
    void neverGivesAnIdTwice() throws Exception {
        int gone;
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(file, 0);
                CachedSchemaRegistryClient client = client(registry.url(), Map.of())) {
            gone = client.register("steps", STEP);
            client.deleteSubject(Map.of(), "steps", false);
            client.deleteSubject(Map.of(), "steps", true);
            client.reset();
            assertThatThrownBy(() -> client.getSchemaById(gone)).isInstanceOf(RestClientException.class);
        }
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(file, 0);
                CachedSchemaRegistryClient client = client(registry.url(), Map.of())) {
            assertThat(client.register("epochs", EPOCH)).isGreaterThan(gone);
        }
    }

    @Test
    void refusesADamagedFileAndLeavesItAlone() throws Exception {
        Files.writeString(file, "{\"format\":1,");

        assertThatThrownBy(() -> EmbeddedRegistry.start(file, 0))
                .isInstanceOf(ClusterStartException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("damaged");
        assertThat(file).hasContent("{\"format\":1,");
    }

    @Test
    void refusesAFileThatAnotherRegistryUses() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(file, 0)) {
            assertThat(registry.url()).startsWith("http://127.0.0.1:");
            assertThatThrownBy(() -> EmbeddedRegistry.start(file, 0))
                    .isInstanceOf(ClusterStartException.class)
                    .hasMessageContaining("close its other user first");
        }
    }

    @Test
    void letsTheGenuineClientInWithBasicAuthentication() throws Exception {
        String header =
                "Basic " + Base64.getEncoder().encodeToString("watcher:s3cret".getBytes(StandardCharsets.UTF_8));
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.start(file, 0, EmbeddedRegistry.Options.NONE.requireAuthorization(header))) {
            assertLetIn(
                    registry.url(),
                    Map.of("basic.auth.credentials.source", "USER_INFO", "basic.auth.user.info", "watcher:s3cret"));
            assertKeptOut(
                    registry.url(),
                    Map.of("basic.auth.credentials.source", "USER_INFO", "basic.auth.user.info", "watcher:wrong"));
        }
    }

    @Test
    void letsTheGenuineClientInWithABearerToken() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.start(file, 0, EmbeddedRegistry.Options.NONE.requireAuthorization("Bearer t0ken"))) {
            assertLetIn(
                    registry.url(),
                    Map.of("bearer.auth.credentials.source", "STATIC_TOKEN", "bearer.auth.token", "t0ken"));
            assertKeptOut(registry.url(), Map.of());
        }
    }

    @Test
    void servesTheGenuineClientOverTls() throws Exception {
        Path keyStore = selfSigned();
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.start(file, 0, EmbeddedRegistry.Options.NONE.https(tls(keyStore)))) {
            assertThat(registry.url()).startsWith("https://127.0.0.1:");
            assertLetIn(
                    registry.url(),
                    Map.of(
                            "schema.registry.ssl.truststore.location", keyStore.toString(),
                            "schema.registry.ssl.truststore.type", "PKCS12",
                            "schema.registry.ssl.truststore.password", "changeit"));
            try (CachedSchemaRegistryClient distrustful = client(registry.url(), Map.of())) {
                assertThatThrownBy(distrustful::getAllSubjects).isInstanceOf(IOException.class);
            }
        }
    }

    private static void assertLetIn(String url, Map<String, String> settings) throws Exception {
        try (CachedSchemaRegistryClient client = client(url, settings)) {
            int id = client.register("steps", STEP);
            client.reset();
            assertThat(client.getSchemaById(id)).isEqualTo(STEP);
        }
    }

    private static void assertKeptOut(String url, Map<String, String> settings) throws Exception {
        try (CachedSchemaRegistryClient client = client(url, settings)) {
            assertThatThrownBy(() -> client.register("steps", STEP))
                    .isInstanceOfSatisfying(
                            RestClientException.class,
                            e -> assertThat(e.getStatus()).isEqualTo(401));
        }
    }

    private static CachedSchemaRegistryClient client(String url, Map<String, String> settings) {
        return new CachedSchemaRegistryClient(url, 100, settings);
    }

    private Path selfSigned() throws IOException, InterruptedException {
        Path keyStore = folder.resolve("registry.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "registry",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=registry",
                        "-ext",
                        "SAN=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        keyStore.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor()).isZero();
        return keyStore;
    }

    private static SSLContext tls(Path file) throws Exception {
        char[] password = "changeit".toCharArray();
        KeyStore keyStore = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keyStore.load(in, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(keyStore, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private static AvroSchema schema(String name) {
        return new AvroSchema("{\"type\":\"record\",\"name\":\"" + name + "\",\"fields\":[]}");
    }
}

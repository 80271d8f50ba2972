package dev.gradwatch.app.service.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.gradwatch.app.engine.EngineSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GradwatchConfigTest {

    @TempDir
    Path folder;

    @Test
    void everyDefaultPassesItsOwnCheck() {
        Map<String, String> written = new java.util.TreeMap<>();
        KeyCatalogue.keys().forEach(key -> {
            if (key.defaultValue() != null) {
                written.put(key.name(), key.defaultValue());
            }
        });

        assertThat(GradwatchConfig.of(written).toEngineSettings())
                .usingRecursiveComparison()
                .isEqualTo(GradwatchConfig.of(Map.of()).toEngineSettings());
        assertThat(written).hasSizeGreaterThan(20);
    }

    @Test
    void everyKeyIsDocumented() {
        assertThat(KeyCatalogue.keys())
                .allSatisfy(key -> assertThat(key.key()).as(key.name()).isNotNull());
        assertThat(KeyCatalogue.keys())
                .allSatisfy(key -> assertThat(key.key().doc()).as(key.name()).endsWith("."));
    }

    @Test
    void laterLayersWin() throws IOException {
        Path file = write("http.port=1\nhttp.host=file\nregistry.urls=http://a:1, http://b:2\nstreams.threads=7");
        GradwatchConfig config = GradwatchConfig.load(
                file,
                Map.of("http.port", "4"),
                surroundings(
                        Map.of(
                                "GRADWATCH_HTTP_PORT",
                                "2",
                                "GRADWATCH_HTTP_HOST",
                                "env",
                                "GRADWATCH_STREAMS_COMMIT_INTERVAL",
                                "5s"),
                        Map.of("gradwatch.http.port", "3", "java.version", "17")));

        assertThat(config.settings().http().port()).isEqualTo(4);
        assertThat(config.settings().http().host()).isEqualTo("file");
        assertThat(config.settings().streams().threads()).isEqualTo(7);
        assertThat(config.settings().streams().commitInterval()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.settings().registry().urls()).containsExactly("http://a:1", "http://b:2");
        assertThat(source(config, "http.port")).isEqualTo("command line");
        assertThat(source(config, "http.host")).isEqualTo("file " + file);
        assertThat(source(config, "streams.threads")).isEqualTo("file " + file);
        assertThat(source(config, "http.token")).isEqualTo("default");
    }

    @Test
    void theEnvironmentGoesBeforeAFileThatNobodyNamed() throws IOException {
        Files.writeString(folder.resolve("gradwatch.properties"), "http.host=found\nhttp.port=5");
        GradwatchConfig config =
                GradwatchConfig.load(null, Map.of(), surroundings(Map.of("GRADWATCH_HTTP_HOST", "env"), Map.of()));

        assertThat(config.settings().http().host()).isEqualTo("env");
        assertThat(config.settings().http().port()).isEqualTo(5);
        assertThat(source(config, "http.host")).isEqualTo("environment GRADWATCH_HTTP_HOST");
    }

    @Test
    void readsTheFileInTheWorkingFolderUnlessAnotherIsNamed() throws IOException {
        Files.writeString(folder.resolve("gradwatch.properties"), "gradwatch.http.port=81");
        Path other = Files.writeString(folder.resolve("other.properties"), "http.port=82");
        ProcessEnvironment around = surroundings(Map.of(), Map.of());

        assertThat(GradwatchConfig.load(null, Map.of(), around)
                        .settings()
                        .http()
                        .port())
                .isEqualTo(81);
        assertThat(GradwatchConfig.load(other, Map.of(), around)
                        .settings()
                        .http()
                        .port())
                .isEqualTo(82);
        ProcessEnvironment naming = surroundings(Map.of("GRADWATCH_CONFIG", other.toString()), Map.of());
        assertThat(GradwatchConfig.load(null, Map.of(), naming)
                        .settings()
                        .http()
                        .port())
                .isEqualTo(82);
    }

    @Test
    void listsEveryProblemAtOnce() throws IOException {
        Path file = write("http.prot=1\nhttp.host=\nstreams.threads=none\nkafka.bootstrap-servers=here\ncolour=blue");
        ConfigurationException thrown = catchThrowableOfType(
                ConfigurationException.class,
                () -> GradwatchConfig.load(
                        file,
                        Map.of("http.port", "70000", "streams.commit-interval", "soon", "http.token", "geheim"),
                        surroundings(
                                Map.of("GRADWATCH_STREAM_THREADS", "2"),
                                Map.of("gradwatch.registry.auto-register", "maybe"))));

        assertThat(thrown.problems())
                .anyMatch(problem ->
                        problem.startsWith("http.prot (file ") && problem.contains("did you mean http.port?"))
                .anyMatch(problem -> problem.startsWith("colour (file ") && problem.contains("no such key"))
                .anyMatch(
                        problem -> problem.contains("GRADWATCH_STREAM_THREADS") && problem.contains("streams.threads?"))
                .anyMatch(problem -> problem.startsWith("http.host (file ") && problem.contains("has no value"))
                .anyMatch(problem ->
                        problem.startsWith("streams.threads = none") && problem.endsWith("expected a whole number"))
                .anyMatch(problem ->
                        problem.startsWith("kafka.bootstrap-servers = here") && problem.endsWith("host:port"))
                .anyMatch(problem -> problem.equals("http.port = 70000 (command line): expected 0 to 65535"))
                .anyMatch(problem -> problem.startsWith("streams.commit-interval = soon") && problem.contains("250ms"))
                .anyMatch(problem ->
                        problem.startsWith("registry.auto-register = maybe") && problem.endsWith("true or false"))
                .anyMatch(problem -> problem.startsWith("http.token = ********"))
                .hasSize(10);
        assertThat(thrown).hasMessageContaining("10 problems").hasMessageNotContaining("geheim");
    }

    @Test
    void aNamedFileMustBeThere() {
        Path missing = folder.resolve("missing.properties");

        assertThatThrownBy(() -> GradwatchConfig.load(missing, Map.of(), ProcessEnvironment.NONE))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(missing + ": there is no such file");
    }

    @Test
    void passesClientPropertiesThroughUnchanged() {
        GradwatchConfig config = GradwatchConfig.load(
                null,
                Map.of(
                        "kafka.bootstrap-servers", "a:1,b:2",
                        "kafka.properties.security.protocol", "SASL_SSL",
                        "kafka.properties.producer.linger.ms", "5",
                        "kafka.properties.rocksdb.config.setter", "x.Y",
                        "kafka.properties.sasl.jaas.config", "x required password=\"${HOME}, \\and\";",
                        "registry.properties.basic.auth.user.info", "me:you"),
                surroundings(Map.of("GRADWATCH_KAFKA_PROPERTIES_SSL_TRUSTSTORE_LOCATION", "/trust"), Map.of()));

        EngineSettings engine = config.toEngineSettings();
        assertThat(engine.kafka())
                .containsEntry("bootstrap.servers", "a:1,b:2")
                .containsEntry("security.protocol", "SASL_SSL")
                .containsEntry("producer.linger.ms", "5")
                .containsEntry("ssl.truststore.location", "/trust")
                .containsEntry("sasl.jaas.config", "x required password=\"${HOME}, \\and\";");
        assertThat(config.kafkaClientProperties())
                .containsEntry("bootstrap.servers", "a:1,b:2")
                .containsEntry("ssl.truststore.location", "/trust")
                .containsKey("sasl.jaas.config")
                .doesNotContainKeys("producer.linger.ms", "rocksdb.config.setter");
        assertThat(config.settings().registry().properties())
                .containsExactly(Map.entry("basic.auth.user.info", "me:you"));
    }

    @Test
    void refusesClientPropertiesThatHaveAKeyOrThatDeliveryRestsOn() {
        assertThatThrownBy(() -> GradwatchConfig.of(Map.of(
                        "kafka.properties.state.dir", "/x",
                        "kafka.properties.processing.guarantee", "at_least_once",
                        "kafka.properties.consumer.isolation.level", "read_uncommitted")))
                .hasMessageContaining("is set by the key streams.state-dir")
                .hasMessageContaining("kafka.properties.processing.guarantee (command line): is not for configuration")
                .hasMessageContaining(
                        "kafka.properties.consumer.isolation.level (command line): is not for configuration")
                .hasMessageContaining("3 problems");
    }

    @Test
    void explainsWithoutShowingSecrets() {
        GradwatchConfig config = GradwatchConfig.of(Map.of(
                "http.token", "geheim-geheim",
                "registry.urls", "https://user:geheim@registry",
                "kafka.properties.ssl.keystore.key", "geheim",
                "kafka.properties.ssl.key.password", "geheim",
                "kafka.properties.sasl.jaas.config", "geheim",
                "registry.properties.bearer.auth.token", "geheim",
                "registry.properties.basic.auth.user.info", "me:geheim",
                "kafka.properties.client.rack", "shown"));

        List<ConfigEntry> entries = config.explain();
        assertThat(entries).noneMatch(entry -> entry.value().contains("geheim"));
        assertThat(value(entries, "kafka.properties.client.rack")).isEqualTo("shown");
        assertThat(value(entries, "registry.urls")).isEqualTo("https://********@registry");
        assertThat(value(entries, "kafka.properties.ssl.keystore.key")).isEqualTo("********");
        assertThat(value(entries, "http.port")).isEqualTo("8080");
        assertThat(config.toString()).doesNotContain("geheim");
    }

    @Test
    void leavesAloneWhatTheLauncherAndContainerPlatformsSet() {
        GradwatchConfig config = GradwatchConfig.load(
                null,
                Map.of(),
                surroundings(
                        Map.of(
                                "GRADWATCH_SERVICE_HOST", "10.0.0.7",
                                "GRADWATCH_SERVICE_PORT_HTTP", "8080",
                                "GRADWATCH_PORT", "tcp://10.0.0.7:8080",
                                "GRADWATCH_HTTP_PORT", "tcp://10.0.0.7:8080",
                                "GRADWATCH_PORT_8080_TCP_ADDR", "10.0.0.7",
                                "GRADWATCH_STACKTRACE", "1",
                                "GRADWATCH_HTTP_TOKEN", ""),
                        Map.of("gradwatch.terminals", "1 2")));

        assertThat(config.settings().http().port()).isEqualTo(8080);
        assertThat(config.settings().http().token()).isEmpty();
    }

    @Test
    void understandsTheAddressesThatPublishersHaveAndLeavesTheRestOfTheirsAlone() {
        Map<String, String> ofPublishers = Map.of(
                "GRADWATCH_BOOTSTRAP_SERVERS", "publisher:9092",
                "GRADWATCH_REGISTRY_URL", "http://publisher:8081",
                "GRADWATCH_TOPIC_PREFIX", "ml.",
                "GRADWATCH_RUN_ID", "digits-1",
                "GRADWATCH_REGISTRY_USER_INFO", "user:password",
                "GRADWATCH_KAFKA_SASL_PASSWORD", "secret");
        Map<String, String> withOurs = new HashMap<>(ofPublishers);
        withOurs.put("GRADWATCH_KAFKA_BOOTSTRAP_SERVERS", "ours:9092");
        withOurs.put("GRADWATCH_TOPICS_PREFIX", "ours");

        GradwatchConfig theirs = GradwatchConfig.load(null, Map.of(), surroundings(ofPublishers, Map.of()));
        GradwatchConfig both = GradwatchConfig.load(null, Map.of(), surroundings(withOurs, Map.of()));

        assertThat(value(theirs.explain(), "kafka.bootstrap-servers")).isEqualTo("publisher:9092");
        assertThat(value(theirs.explain(), "registry.urls")).isEqualTo("http://publisher:8081");
        assertThat(value(theirs.explain(), "topics.prefix")).isEqualTo("ml");
        assertThat(value(both.explain(), "kafka.bootstrap-servers")).isEqualTo("ours:9092");
        assertThat(value(both.explain(), "topics.prefix")).isEqualTo("ours");
    }

    @Test
    void refusesValuesThatDoNotFitTogether() {
        assertThatThrownBy(() -> GradwatchConfig.of(Map.of(
                        "streams.commit-interval", "100ms",
                        "streams.alert-commit-interval", "PT0.2S",
                        "topics.replication-factor", "0",
                        "streams.group-protocol", "streams",
                        "streams.standby-replicas", "1")))
                .hasMessageContaining("3 problems")
                .hasMessageContaining("streams.alert-commit-interval")
                .hasMessageContaining("topics.replication-factor = 0")
                .hasMessageContaining("streams.standby-replicas");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("some.properties"), text);
    }

    private ProcessEnvironment surroundings(Map<String, String> environment, Map<String, String> properties) {
        return new ProcessEnvironment(environment, properties, folder);
    }

    private static String source(GradwatchConfig config, String key) {
        return config.explain().stream()
                .filter(entry -> entry.key().equals(key))
                .findFirst()
                .orElseThrow()
                .source();
    }

    private static String value(List<ConfigEntry> entries, String key) {
        return entries.stream()
                .filter(entry -> entry.key().equals(key))
                .findFirst()
                .orElseThrow()
                .value();
    }
}

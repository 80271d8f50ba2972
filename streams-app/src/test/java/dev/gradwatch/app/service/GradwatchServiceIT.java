package dev.gradwatch.app.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.app.service.metrics.MetricsReference;
import dev.gradwatch.cluster.EmbeddedBroker;
import dev.gradwatch.cluster.EmbeddedRegistry;
import dev.gradwatch.detection.event.Heartbeat;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.schemas.TrainingEvent;
import dev.gradwatch.wire.AvroWire;
import dev.gradwatch.wire.ConfluentSchemaRegistry;
import dev.gradwatch.wire.SchemaRegistry;
import dev.gradwatch.wire.TrainingEvents;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service as a whole, against a real broker and a registry over HTTP. */
class GradwatchServiceIT {

    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private EmbeddedBroker broker;
    private EmbeddedRegistry registry;
    private int registryPort;

    @BeforeEach
    void startNeighbours() throws Exception {
        broker = EmbeddedBroker.start(folder.resolve("broker"));
        registry = EmbeddedRegistry.start(folder.resolve("registry.json"), 0);
        registryPort = URI.create(registry.url()).getPort();
    }

    @AfterEach
    void stopNeighbours() throws Exception {
        registry.close();
        broker.close();
    }

    @Test
    void becomesReadyLosesItsRegistryAndRecovers() throws Exception {
        GradwatchConfig config = config(Map.of());
        createTopics(config);
        publish(config, "first");
        GradwatchService service = new GradwatchService(config);
        try (service) {
            service.start();
            service.awaitReady(LONG);
            assertThat(get(service, "/health/ready").statusCode()).isEqualTo(200);
            await().atMost(LONG)
                    .until(() -> metrics(service).contains("gradwatch_events_total{type=\"heartbeat\"} 1.0"));
            await().atMost(LONG).untilAsserted(() -> {
                String page = metrics(service);
                assertThat(MetricsReference.kafkaSeries())
                        .allSatisfy(series -> assertThat(page).containsPattern("(?m)^" + series + "[{ ]"));
                assertThat(page.lines().filter(line -> line.startsWith("# TYPE kafka_")))
                        .hasSameSizeAs(MetricsReference.kafkaSeries());
                // Each thread and each partition has its own series, and none has two.
                assertThat(page.lines().filter(line -> line.startsWith("kafka_stream_thread_commit_rate{")))
                        .hasSize(2);
                assertThat(page.lines().filter(line -> line.startsWith("kafka_consumer_fetch_manager_records_lag{")))
                        .hasSize(2);
            });

            registry.close();
            await().atMost(LONG).until(() -> get(service, "/health/ready").statusCode() == 503);
            JsonNode down =
                    new ObjectMapper().readTree(get(service, "/health/ready").body());
            assertThat(down.get("checks"))
                    .filteredOn(check -> !check.get("up").asBoolean())
                    .singleElement()
                    .satisfies(check -> assertThat(check.get("name").asText()).isEqualTo("registry"));
            assertThat(get(service, "/health/live").statusCode()).isEqualTo(200);

            registry = EmbeddedRegistry.start(folder.resolve("registry.json"), registryPort);
            await().atMost(LONG).until(() -> get(service, "/health/ready").statusCode() == 200);
            publish(config, "second");
            await().atMost(LONG)
                    .until(() -> metrics(service).contains("gradwatch_events_total{type=\"heartbeat\"} 2.0"));
        }
        assertThat(service.awaitTermination()).isEqualTo(new Termination(0, "The service was stopped.", null));
    }

    @Test
    void waitsForARegistryThatIsNotThereYet() throws Exception {
        GradwatchConfig config = config(Map.of());
        createTopics(config);
        registry.close();
        try (GradwatchService service = new GradwatchService(config)) {
            service.start();
            await().atMost(LONG)
                    .until(() -> get(service, "/health/ready").body().contains("waiting for the schema registry"));

            registry = EmbeddedRegistry.start(folder.resolve("registry.json"), registryPort);
            service.awaitReady(LONG);
        }
    }

    @Test
    void endsAtOnceWhenTopicsAreMissing() throws Exception {
        try (GradwatchService service = new GradwatchService(config(Map.of()))) {
            service.start();

            Termination termination = service.awaitTermination();
            assertThat(termination.exitCode()).isEqualTo(1);
            assertThat(termination.reason())
                    .contains("gradwatch.training-events.v1 does not exist")
                    .contains("gradwatch topics create");
        }
    }

    @Test
    void endsAtOnceWhenSchemasAreMissingAndMayNotBeRegistered() throws Exception {
        GradwatchConfig config = config(Map.of("registry.auto-register", "false"));
        createTopics(config);
        try (GradwatchService service = new GradwatchService(config)) {
            service.start();

            Termination termination = service.awaitTermination();
            assertThat(termination.exitCode()).isEqualTo(1);
            assertThat(termination.reason())
                    .contains("gradwatch.alerts.v1-value")
                    .contains("registry.auto-register");
        }
    }

    @Test
    void createsEachTopicOnceAndSaysWhatIsDifferent() throws Exception {
        GradwatchConfig config = config(Map.of("topics.event-retention", "2d"));
        try (TopicsAdmin topics = new TopicsAdmin(config)) {
            assertThat(topics.check()).hasSize(4).allMatch(problem -> problem.contains("gradwatch topics create"));
            assertThat(topics.create()).hasSize(4).allMatch(TopicsAdmin.Creation::created);
            assertThat(topics.create()).hasSize(4).noneMatch(TopicsAdmin.Creation::created);
            await().atMost(LONG).until(() -> topics.check().isEmpty());
            assertThat(topics.describe().get(0).settings())
                    .containsEntry(
                            "retention.ms", Long.toString(Duration.ofDays(2).toMillis()))
                    .containsEntry("message.timestamp.type", "LogAppendTime");
            assertThat(topics.describe().get(2).settings()).containsEntry("cleanup.policy", "compact");
            assertThat(topics.describe()).allMatch(topic -> topic.partitions() == 2 && topic.replicationFactor() == 1);
        }
        try (TopicsAdmin topics =
                new TopicsAdmin(config(Map.of("topics.partitions", "6", "topics.event-retention", "2d")))) {
            assertThat(topics.check())
                    .hasSize(4)
                    .allMatch(problem -> problem.endsWith("has 2 partitions, topics.partitions says 6"));
        }
    }

    @Test
    void resetsOnlyWhatIsItsOwnAndNotWhileItRuns() throws Exception {
        GradwatchConfig config = config(Map.of());
        createTopics(config);
        publish(config, "run");
        try (GradwatchService service = new GradwatchService(config)) {
            service.start();
            service.awaitReady(LONG);
            await().atMost(LONG)
                    .until(() -> metrics(service).contains("gradwatch_events_total{type=\"heartbeat\"} 1.0"));
            try (LocalReset reset = new LocalReset(config)) {
                assertThat(reset.plan().obstacles()).singleElement().asString().contains("still runs");
            }
        }
        try (LocalReset reset = new LocalReset(config)) {
            await().atMost(LONG).until(() -> reset.plan().obstacles().isEmpty());
            LocalReset.Plan plan = reset.plan();
            assertThat(plan.items())
                    .extracting(LocalReset.Item::kind)
                    .containsExactly("committed offsets", "internal topic", "local state");
            assertThat(plan.items()).extracting(LocalReset.Item::name).contains("gradwatch-run-state-store-changelog");
            assertThat(plan.consequences()).isNotEmpty();

            reset.execute(plan);

            await().atMost(LONG).until(() -> reset.plan().items().isEmpty());
        }
        assertThat(folder.resolve("state/gradwatch")).doesNotExist();
        try (TopicsAdmin topics = new TopicsAdmin(config);
                GradwatchService again = new GradwatchService(config)) {
            assertThat(topics.check()).isEmpty();
            again.start();
            await().atMost(LONG).until(() -> metrics(again).contains("gradwatch_events_total{type=\"heartbeat\"} 1.0"));
        }
    }

    private GradwatchConfig config(Map<String, String> more) {
        Map<String, String> values = new HashMap<>(Map.of(
                "kafka.bootstrap-servers",
                broker.bootstrapServers(),
                "registry.urls",
                registry.url(),
                "topics.partitions",
                "2",
                "streams.state-dir",
                folder.resolve("state").toString(),
                "streams.commit-interval",
                "200ms",
                "http.port",
                "0"));
        values.putAll(more);
        return GradwatchConfig.of(values);
    }

    private static void createTopics(GradwatchConfig config) {
        try (TopicsAdmin topics = new TopicsAdmin(config)) {
            topics.create();
            await().atMost(LONG).until(() -> topics.check().isEmpty());
        }
    }

    /** A run that starts and gives one sign of life. */
    private static void publish(GradwatchConfig config, String runId) throws Exception {
        long now = System.currentTimeMillis();
        String topic = config.topics().trainingEvents();
        try (SchemaRegistry schemas = new ConfluentSchemaRegistry(
                        config.settings().registry().urls(),
                        config.settings().registry().properties());
                KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                        Map.copyOf(config.kafkaClientProperties()),
                        new StringSerializer(),
                        new ByteArraySerializer())) {
            AvroWire<TrainingEvent> wire = new AvroWire<>(TrainingEvent.class, topic + "-value", schemas, true);
            for (RunEvent event : List.of(RunStarted.builder().build(), new Heartbeat(1L, null))) {
                byte[] value = wire.encode(TrainingEvents.toAvro(new RunRecord(runId, 1, now, event)));
                producer.send(new ProducerRecord<>(topic, runId, value)).get();
            }
        }
    }

    private static String metrics(GradwatchService service) throws Exception {
        return get(service, "/metrics").body();
    }

    private static HttpResponse<String> get(GradwatchService service, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(service.address().resolve(path)).build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}

package dev.gradwatch.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gradwatch.app.service.GradwatchService;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.cluster.EmbeddedBroker;
import dev.gradwatch.cluster.EmbeddedRegistry;
import dev.gradwatch.commands.options.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands against a real broker, from creating topics to reading alerts. */
class CommandsIT {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final List<String> RUNS = List.of(
            "../recorded-runs/src/test/resources/recorded/healthy.jsonl",
            "../recorded-runs/src/test/resources/recorded/zero-gradients.jsonl",
            "../recorded-runs/src/test/resources/recorded/non-finite.jsonl");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    private EmbeddedBroker broker;
    private EmbeddedRegistry registry;

    @BeforeEach
    void startNeighbours() throws Exception {
        broker = EmbeddedBroker.start(folder.resolve("broker"));
        registry = EmbeddedRegistry.start(folder.resolve("registry.json"), 0);
    }

    @AfterEach
    void stopNeighbours() throws Exception {
        registry.close();
        broker.close();
    }

    @Test
    void replayedRunsRaiseTheAlertsOfTheBacktest() throws Exception {
        assertThat(run("topics", "check")).isEqualTo(ExitCode.FAILED);
        assertThat(run("replay", RUNS.get(0))).isEqualTo(ExitCode.FAILED);
        assertThat(err()).contains("gradwatch.training-events.v1");
        assertThat(run("topics", "create", "--set", "topics.partitions=3")).isEqualTo(ExitCode.OK);
        assertThat(run("topics", "check", "--set", "topics.partitions=3")).isEqualTo(ExitCode.OK);
        assertThat(run("topics", "list", "--set", "topics.partitions=3")).isEqualTo(ExitCode.OK);
        assertThat(out()).contains("gradwatch.alerts.v1", "3 partitions");

        assertThat(run(words("backtest", "--json", RUNS))).isEqualTo(ExitCode.OK);
        Map<String, String> expected = finalStates(out());
        assertThat(expected).hasSizeGreaterThanOrEqualTo(2);

        try (GradwatchService service = new GradwatchService(config())) {
            service.start();
            service.awaitReady(LONG);
            assertThat(run(words("replay", "--quiet", RUNS))).isEqualTo(ExitCode.OK);
            assertThat(err()).contains("published", "of 3 runs to gradwatch.training-events.v1");

            await().atMost(LONG).untilAsserted(() -> {
                assertThat(run("alerts", "--json", "--from-beginning", "--until-now"))
                        .isEqualTo(ExitCode.OK);
                assertThat(finalStates(out())).isEqualTo(expected);
            });
            assertThat(run(
                            "alerts",
                            "--from-beginning",
                            "--until-now",
                            "--severity",
                            "critical",
                            "--run",
                            "digits-dead"))
                    .isEqualTo(ExitCode.OK);
            assertThat(out()).contains("CRITICAL  zero-gradients  digits-dead  (vision, attempt 1)");
            assertThat(out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));

            await().atMost(LONG).untilAsserted(() -> {
                assertThat(run("runs")).isEqualTo(ExitCode.OK);
                assertThat(out()).contains("digits mlp", "finished", "zero-gradients", "3 runs, ");
            });
            // What goes into a pipe is not cut.
            assertThat(out()).contains("language-model", "healthy-mlp").doesNotContain("..");
            assertThat(run("runs", "--json", "--alerting")).isEqualTo(ExitCode.OK);
            assertThat(out().lines()).isNotEmpty().allSatisfy(line -> new ObjectMapper().readTree(line));
        }
    }

    @Test
    void alertsAndRunsFitTogether() throws Exception {
        assertThat(run("topics", "create", "--set", "topics.partitions=3")).isEqualTo(ExitCode.OK);
        assertThat(run("alerts", "--until-now", "--run", "nobody")).isEqualTo(ExitCode.FAILED);
        assertThat(err()).contains("no run has the id or the name 'nobody'", "no runs yet");
        assertThat(run("alerts", "--until-now", "--from-beginning")).isEqualTo(ExitCode.OK);
        assertThat(err()).contains("alerts: none yet");
        try (GradwatchService service = new GradwatchService(config())) {
            service.start();
            service.awaitReady(LONG);
            assertThat(run(words("replay", "--quiet", RUNS))).isEqualTo(ExitCode.OK);
            await().atMost(LONG).untilAsserted(() -> {
                assertThat(run("runs", "--json")).isEqualTo(ExitCode.OK);
                assertThat(out().lines()).hasSize(3);
                assertThat(out()).contains("zero-gradients", "non-finite-values", "finished");
            });

            assertThat(run("alerts", "--json", "--from-beginning", "--until-now"))
                    .isEqualTo(ExitCode.OK);
            List<OffsetDateTime> times = new ArrayList<>();
            for (String line : out().lines().toList()) {
                JsonNode alert = new ObjectMapper().readTree(line);
                times.add(OffsetDateTime.parse(alert.get("updated_at").asText()));
                assertThat(alert.get("run_name").asText()).isNotEmpty();
            }
            assertThat(times).isNotEmpty().isSorted();
            String all = out();

            assertThat(run("alerts", "--json", "--until-now", "--from-beginning", "--run", "digits-dead"))
                    .isEqualTo(ExitCode.OK);
            String byId = out();
            assertThat(byId).isNotEmpty();
            String name = new ObjectMapper()
                    .readTree(byId.lines().findFirst().orElseThrow())
                    .get("run_name")
                    .asText();
            assertThat(run("alerts", "--json", "--until-now", "--from-beginning", "--run", name))
                    .isEqualTo(ExitCode.OK);
            assertThat(out()).contains(byId.lines().findFirst().orElseThrow());

            assertThat(run("alerts", "--json", "--until-now", "--since", "2000-01-01"))
                    .isEqualTo(ExitCode.OK);
            assertThat(out()).isEqualTo(all);
            assertThat(run("alerts", "--until-now", "--since", "1s", "--run", "digits-dead"))
                    .isEqualTo(ExitCode.OK);
            assertThat(out()).isEmpty();
            assertThat(err()).contains("alerts: none of this run since ");
            assertThat(run("alerts", "--until-now", "--since", "soon")).isEqualTo(ExitCode.USAGE);
            assertThat(run("alerts", "--until-now", "--run", "nobody")).isEqualTo(ExitCode.FAILED);
            assertThat(err()).contains("'gradwatch runs' lists");
        }
    }

    /** Another application's id may begin with the same words. */
    @Test
    void resetTouchesTheTopicsOfItsOwnApplicationAlone() throws Exception {
        String foreign = "gradwatch-staging-run-state-store-changelog";
        String own = "gradwatch-run-state-store-changelog";
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(foreign, 1, (short) 1), new NewTopic(own, 1, (short) 1)))
                    .all()
                    .get();
            assertThat(run(
                            "reset",
                            "--yes",
                            "--set",
                            "streams.state-dir=" + folder.resolve("state").toString()))
                    .isEqualTo(ExitCode.OK);
            assertThat(out() + err()).contains(own).doesNotContain(foreign);
            await().atMost(LONG)
                    .until(() -> admin.listTopics().names().get().stream().noneMatch(own::equals));
            assertThat(admin.listTopics().names().get()).contains(foreign);
        }
    }

    @Test
    void resetRefusesWhileAnInstanceRuns() throws Exception {
        assertThat(run("topics", "create", "--set", "topics.partitions=3")).isEqualTo(ExitCode.OK);
        try (GradwatchService service = new GradwatchService(config())) {
            service.start();
            service.awaitReady(LONG);
            assertThat(run("reset", "--yes")).isEqualTo(ExitCode.FAILED);
            assertThat(out() + err()).contains("still runs", "stop every instance first");
        }
    }

    /** The last moment of every alert: what may not depend on the way that the events took. */
    private static Map<String, String> finalStates(String lines) throws Exception {
        Map<String, String> states = new TreeMap<>();
        for (String line : lines.lines().toList()) {
            JsonNode alert = new ObjectMapper().readTree(line);
            states.put(
                    alert.get("id").asText(),
                    alert.get("run").asText() + " " + alert.get("detector").asText() + " "
                            + alert.get("severity").asText() + " "
                            + alert.get("state").asText() + " "
                            + alert.get("revision") + " " + alert.get("summary") + alert.get("causes")
                            + alert.get("evidence"));
        }
        return states;
    }

    private GradwatchConfig config() {
        return GradwatchConfig.of(Map.of(
                "kafka.bootstrap-servers",
                broker.bootstrapServers(),
                "registry.urls",
                registry.url(),
                "topics.partitions",
                "3",
                "streams.state-dir",
                folder.resolve("state").toString(),
                "http.port",
                "0"));
    }

    private static String[] words(String command, String option, List<String> files) {
        List<String> words = new ArrayList<>(List.of(command, option));
        words.addAll(files);
        return words.toArray(String[]::new);
    }

    private int run(String... args) {
        out.reset();
        err.reset();
        List<String> words = new ArrayList<>(List.of(args));
        if (!args[0].equals("backtest")) {
            int at = args[0].equals("topics") ? 2 : 1;
            words.addAll(at, List.of("--bootstrap-servers", broker.bootstrapServers(), "--registry", registry.url()));
        }
        return Main.run(printer(out), printer(err), words.toArray(String[]::new));
    }

    private static PrintStream printer(ByteArrayOutputStream into) {
        return new PrintStream(into, true, StandardCharsets.UTF_8);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}

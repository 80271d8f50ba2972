package dev.gradwatch.commands.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gradwatch.app.service.brokers.TopicReader;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.cluster.EmbeddedBroker;
import dev.gradwatch.cluster.EmbeddedRegistry;
import dev.gradwatch.commands.Main;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.schemas.GradientNorms;
import dev.gradwatch.schemas.RunFinished;
import dev.gradwatch.schemas.RunStarted;
import dev.gradwatch.schemas.TrainingEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Following logs into a real broker, over restarts of the follower and of the broker. */
class FollowIT {

    private static final Duration LONG = Duration.ofSeconds(90);

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
    void theTopicHoldsEveryEventOfAGrowingLogOnce() throws Exception {
        assertThat(run("topics", "create")).isEqualTo(ExitCode.OK);
        append("digits.jsonl", step(0) + step(1) + step(2).substring(0, 10));
        assertThat(follow("--once", "--team", "vision")).isEqualTo(ExitCode.OK);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("follow: digits begins", "published 3 events of 1 run to gradwatch.training-events.v1");

        append("digits.jsonl", step(2).substring(10));
        Files.move(log("digits.jsonl"), log("digits.jsonl.1"));
        append("digits.jsonl", step(3) + "{\"type\":\"finished\",\"outcome\":\"completed\"}\n");
        assertThat(follow("--once")).isEqualTo(ExitCode.OK);
        assertThat(follow("--once")).isEqualTo(ExitCode.OK);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("published 0 events of 0 runs");

        List<TrainingEvent> events = events();
        assertThat(events).hasSize(1 + 4 + 1);
        assertThat(((RunStarted) events.get(0).getEvent()).getTeam()).isEqualTo("vision");
        assertThat(steps(events)).containsExactly(0L, 1L, 2L, 3L);
        assertThat(events.get(5).getEvent()).isInstanceOf(RunFinished.class);
        assertThat(events).extracting(TrainingEvent::getRunId).containsOnly("digits");
        assertThat(events).extracting(TrainingEvent::getAttempt).containsOnly(1);
    }

    @Test
    void waitsForABrokerThatIsAwayAndLosesNothing() throws Exception {
        assertThat(run("topics", "create")).isEqualTo(ExitCode.OK);
        append("digits.jsonl", step(0));
        Thread following = new Thread(this::follow, "follow");
        following.start();
        await().atMost(LONG).until(() -> steps(events()).equals(List.of(0L)));

        broker.close();
        append("digits.jsonl", step(1) + step(2));
        await().atMost(LONG).until(() -> err.toString(StandardCharsets.UTF_8).contains("waiting, no broker answers"));
        append("digits.jsonl", step(3));
        broker = EmbeddedBroker.start(folder.resolve("broker"));

        await().atMost(LONG).until(() -> steps(events()).equals(List.of(0L, 1L, 2L, 3L)));
        await().atMost(LONG).until(() -> err.toString(StandardCharsets.UTF_8).contains("follow: going on"));
        following.interrupt();
        following.join(LONG.toMillis());
        assertThat(following.isAlive()).isFalse();
        assertThat(follow("--once")).isEqualTo(ExitCode.OK);
        assertThat(steps(events())).containsExactly(0L, 1L, 2L, 3L);
    }

    private List<TrainingEvent> events() {
        List<TrainingEvent> events = new ArrayList<>();
        GradwatchConfig config = GradwatchConfig.of(
                Map.of("kafka.bootstrap-servers", broker.bootstrapServers(), "registry.urls", registry.url()));
        try (TopicReader<TrainingEvent> topic =
                new TopicReader<>(config, config.topics().trainingEvents(), TrainingEvent.class, "test", problem -> {
                    throw new AssertionError(problem);
                })) {
            topic.connect();
            topic.fromBeginning();
            topic.readToEnd((key, event) -> {
                assertThat(key).isEqualTo(event.getRunId());
                events.add(event);
            });
        }
        return events;
    }

    private static List<Long> steps(List<TrainingEvent> events) {
        return events.stream()
                .filter(event -> event.getEvent() instanceof GradientNorms)
                .map(event ->
                        ((GradientNorms) event.getEvent()).getSteps().get(0).getStep())
                .toList();
    }

    private int follow(String... options) {
        List<String> words = new ArrayList<>(List.of(options));
        words.addAll(List.of(
                "--interval", "20ms", "--state", folder.resolve("state.json").toString()));
        words.add(folder.resolve("logs").toString());
        words.add(0, "follow");
        return run(words.toArray(String[]::new));
    }

    private int run(String... args) {
        out.reset();
        err.reset();
        List<String> words = new ArrayList<>(List.of(args));
        int at = args[0].equals("topics") ? 2 : 1;
        words.addAll(at, List.of("--bootstrap-servers", broker.bootstrapServers(), "--registry", registry.url()));
        return Main.run(printer(out), printer(err), words.toArray(String[]::new));
    }

    private static PrintStream printer(ByteArrayOutputStream into) {
        return new PrintStream(into, true, StandardCharsets.UTF_8);
    }

    private Path log(String name) {
        return folder.resolve("logs").resolve(name);
    }

    private void append(String name, String text) throws IOException {
        Files.createDirectories(folder.resolve("logs"));
        Files.writeString(log(name), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static String step(int number) {
        return "{\"type\":\"step\",\"step\":" + number + ",\"loss\":1.0}\n";
    }
}

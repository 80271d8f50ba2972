package dev.gradwatch.sandbox.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gradwatch.sandbox.examples.ExampleProcesses.Failure;
import dev.gradwatch.sandbox.examples.ExampleProcesses.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleProcessesTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Python.Target TARGET = new Python.Target("broker:9092", "http://registry:8081");

    @TempDir
    private Path home;

    private final BlockingQueue<Failure> failures = new LinkedBlockingQueue<>();

    @Test
    void trainsEachExampleOnceAndKeepsWhatItPrints() throws IOException {
        Path python = python("echo \"$(basename $1) $2 $3 to $GRADWATCH_BOOTSTRAP_SERVERS $GRADWATCH_REGISTRY_URL\"");
        try (ExampleProcesses processes = start(python, "one", "two", "three")) {
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(processes.progress().values()).containsOnly(Progress.COMPLETED));
        }

        assertThat(output("two")).hasContent("two.py --seed 7 to broker:9092 http://registry:8081");
        assertThat(output("three")).exists();
        assertThat(failures).isEmpty();
    }

    @Test
    void tellsOfAnExampleThatFailsAndGoesOnWithTheNext() throws IOException {
        Path python = python("case $1 in *bad.py) echo 'Traceback' >&2; echo 'No data' >&2; exit 3 ;; esac");
        try (ExampleProcesses processes = start(python, "bad", "good")) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(processes.progress().values())
                            .containsExactly(Progress.FAILED, Progress.COMPLETED));
            await().atMost(PATIENCE).until(() -> !failures.isEmpty());
        }

        Failure failure = failures.remove();
        assertThat(failure.example().name()).isEqualTo("bad");
        assertThat(failure.reason()).isEqualTo("exit code 3");
        assertThat(failure.lastLine()).isEqualTo("No data");
        assertThat(failure.output()).hasContent("Traceback\nNo data");
    }

    @Test
    void tellsOfAnInterpreterThatVanished() {
        try (ExampleProcesses processes = start(home.resolve("gone"), "one")) {
            await().atMost(PATIENCE).until(() -> !failures.isEmpty());
            assertThat(processes.progress().values()).containsOnly(Progress.FAILED);
        }
    }

    @Test
    void endsWhatTrainsLetsItSaySoAndStartsNoOther() throws IOException {
        Path python = python("trap 'echo cancelled; exit 143' TERM", "echo training", "sleep 600 & wait");
        ExampleProcesses processes = start(python, "one", "two", "three");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(List.of(output("one"), output("two")))
                        .allSatisfy(file -> assertThat(file).hasContent("training")));
        List<ProcessHandle> children = ProcessHandle.current()
                .descendants()
                .filter(child -> child.info().commandLine().orElse("").contains(home.toString())
                        || child.info().commandLine().orElse("").contains("sleep 600"))
                .toList();

        processes.close();

        assertThat(children).hasSizeGreaterThanOrEqualTo(2);
        await().atMost(PATIENCE).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(output("one")).content().endsWith("cancelled\n");
        assertThat(output("three")).doesNotExist();
        assertThat(processes.progress().values()).containsExactly(Progress.CUT_OFF, Progress.CUT_OFF, Progress.WAITING);
        assertThat(failures).isEmpty();
    }

    @Test
    void endsEvenWhatDoesNotListen() throws IOException {
        Path python = python("trap '' TERM", "echo training", "while :; do sleep 1; done");
        ExampleProcesses processes = start(python, "one");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(output("one")).hasContent("training"));
        List<ProcessHandle> children = ProcessHandle.current()
                .children()
                .filter(child -> child.info().commandLine().orElse("").contains(home.toString()))
                .toList();

        processes.close();

        assertThat(children).hasSize(1);
        await().atMost(PATIENCE).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    private ExampleProcesses start(Path python, String... names) {
        Python interpreter = new Python(python.toString(), new ExampleFiles(home));
        ExampleProcesses processes = new ExampleProcesses(
                Stream.of(names).map(name -> new Example(name, List.of())).toList(),
                example -> interpreter.training(example, 7, TARGET),
                home.resolve("output"),
                failures::add);
        processes.start();
        return processes;
    }

    private Path output(String example) {
        return home.resolve("output").resolve(example + ".log");
    }

    private Path python(String... lines) throws IOException {
        Files.createDirectories(new ExampleFiles(home).scripts());
        return PythonSearchTest.script(home.resolve("python"), lines);
    }
}

package dev.gradwatch.recorded.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.recorded.FoundRun;
import dev.gradwatch.recorded.log.ReadOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowerTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private final List<RunRecord> published = new CopyOnWriteArrayList<>();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final AtomicBoolean reachable = new AtomicBoolean(true);
    private Predicate<Path> wanted = path -> true;
    private Duration finishedAfter;
    private Duration ignoreOlder;

    @Test
    void publishesEachEventOnceOverSeveralStarts() throws Exception {
        append("a/run.jsonl", step(1) + step(2));
        append("b/log.csv", "epoch,loss\n0,1.5\n");
        once();
        once();
        append("a/run.jsonl", step(3));
        once();

        assertThat(steps("a/run")).containsExactly(1L, 2L, 3L);
        assertThat(published).filteredOn(record -> record.runId().equals("b")).hasSize(2);
        assertThat(published).hasSize(6);
        assertThat(heard).containsExactlyInAnyOrder("begins a/run", "begins b", "goes on a/run");
    }

    @Test
    void followsATextLogLineByLineAsItReadsAWholeOne() throws Exception {
        List<String> lines =
                List.of("Epoch 1/3", "9/9 - loss: 2.0 - val_loss: 2.1", "Epoch 2/3", "9/9 - loss: 1.0 - val_loss: 1.1");
        for (String line : lines) {
            append("job.log", line + "\n");
            once();
        }

        assertThat(published)
                .filteredOn(record -> record.event() instanceof EpochCompleted)
                .extracting(record -> ((EpochCompleted) record.event()).epoch())
                .containsExactly(1.0, 2.0);
    }

    @Test
    void saysThatARunHasEndedWithTheProcessThatWroteItsLog() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")));
        Path log = Files.createDirectories(folder.resolve("logs")).resolve("job.log");
        Process writer = new ProcessBuilder("sh", "-c", "echo 'step 1 loss 2.0'; echo 'step 2 loss 1.5'; read line")
                .redirectOutput(log.toFile())
                .start();
        try (FollowState state = FollowState.open(stateFile())) {
            Follower follower = follower(state, false);
            Thread thread = new Thread(() -> {
                try {
                    follower.run();
                } catch (IOException | InterruptedException e) {
                    heard.add(e.toString());
                }
            });
            thread.start();
            await().atMost(SOON).until(() -> steps("job").size() == 2);
            writer.getOutputStream().close();
            await().atMost(SOON)
                    .until(() -> published.stream().anyMatch(record -> record.event() instanceof RunFinished));
            follower.stop();
            thread.join();
        } finally {
            writer.destroy();
        }
    }

    @Test
    void keepsNothingOfWhatWasNotDelivered() throws Exception {
        append("run.jsonl", step(1));
        once();
        append("run.jsonl", step(2));
        reachable.set(false);
        assertThatThrownBy(this::once).isInstanceOf(InterruptedException.class);
        published.removeIf(record -> record.event() instanceof GradientNorms norms
                && norms.steps().get(0).step() == 2);
        reachable.set(true);
        once();

        assertThat(steps("run")).containsExactly(1L, 2L);
    }

    @Test
    void findsRunsThatBeginAndGrowWhileItLooks() throws Exception {
        try (FollowState state = FollowState.open(stateFile())) {
            Follower follower = follower(state, false);
            Thread thread = new Thread(() -> {
                try {
                    follower.run();
                } catch (IOException | InterruptedException e) {
                    heard.add(e.toString());
                }
            });
            thread.start();
            append("one.jsonl", step(1));
            await().atMost(SOON).until(() -> steps("one").size() == 1);
            append("one.jsonl", step(2));
            append("deep/er/two.jsonl", step(7));
            await().atMost(SOON)
                    .until(() ->
                            steps("one").size() == 2 && steps("deep/er/two").size() == 1);
            // What might be continued comes when nothing continues it.
            append("three/metrics.csv", "epoch,step,train_loss,val_loss\n0,9,0.5,\n");
            await().atMost(SOON).until(() -> steps("three").size() == 1);
            follower.stop();
            thread.join(SOON.toMillis());
            assertThat(thread.isAlive()).isFalse();
        }
        once();
        assertThat(published).hasSize(7);
    }

    @Test
    void publishesWhatAnotherProcessAppends() throws Exception {
        Path log = folder.resolve("logs/live.jsonl");
        Files.createDirectories(log.getParent());
        String script = "i=0; while [ $i -lt 200 ]; do printf '{\"type\":\"step\",' >> \"$1\";"
                + " printf '\"step\":%d,\"loss\":1.5}\\n' $i >> \"$1\"; i=$((i+1)); done";
        Process writer = new ProcessBuilder("sh", "-c", script, "sh", log.toString())
                .inheritIO()
                .start();
        while (writer.isAlive()) {
            once();
        }
        assertThat(writer.waitFor(30, TimeUnit.SECONDS)).isTrue();
        once();

        List<Long> expected = new ArrayList<>();
        for (long i = 0; i < 200; i++) {
            expected.add(i);
        }
        assertThat(steps("live")).isEqualTo(expected);
    }

    @Test
    void leavesAloneWhatIsOldOrNotWanted() throws Exception {
        append("old.jsonl", step(1));
        append("new.jsonl", step(1));
        append("not.jsonl", step(1));
        Files.setLastModifiedTime(
                folder.resolve("logs/old.jsonl"),
                FileTime.fromMillis(
                        System.currentTimeMillis() - Duration.ofDays(3).toMillis()));
        ignoreOlder = Duration.ofDays(1);
        wanted = path -> !path.endsWith("not.jsonl");
        once();
        assertThat(published).extracting(RunRecord::runId).containsOnly("new");

        append("old.jsonl", step(2));
        once();
        assertThat(steps("old")).containsExactly(1L, 2L);
    }

    @Test
    void declaresARunEndedWhoseLogDoesNotChange() throws Exception {
        append("run.jsonl", step(1));
        Files.setLastModifiedTime(
                folder.resolve("logs/run.jsonl"),
                FileTime.fromMillis(
                        System.currentTimeMillis() - Duration.ofHours(2).toMillis()));
        finishedAfter = Duration.ofHours(1);
        once();
        once();

        assertThat(published).hasSize(3);
        assertThat(published.get(2).event())
                .isEqualTo(new RunFinished(RunFinished.Outcome.UNKNOWN, "its log did not change for 3600 s"));
        assertThat(heard).contains("ended run");
    }

    @Test
    void completesTheRegistrationAndSaysWhatIsNotThere() throws Exception {
        append("run.jsonl", "{\"run\":{\"loss\":\"mse\"}}\n" + step(1));
        once();
        assertThat(((RunStarted) published.get(0).event()).loss()).isEqualTo("mse");
        assertThat(((RunStarted) published.get(0).event()).team()).isEqualTo("vision");

        try (FollowState state = FollowState.open(folder.resolve("other.json"))) {
            FollowOptions options = options(true, folder.resolve("nowhere"));
            new Follower(options, outlet(), state, listener(), Clock.systemUTC()).run();
        }
        assertThat(heard).anySatisfy(line -> assertThat(line).contains("nowhere: not there"));
    }

    @Test
    void keepsASecondProcessFromTheSameState() throws Exception {
        try (FollowState state = FollowState.open(stateFile())) {
            assertThat(state.get("x")).isEqualTo(TailPosition.NEW);
            assertThatThrownBy(() -> FollowState.open(stateFile()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("another process follows these paths");
        }
        Files.writeString(stateFile(), "{\"version\":1,\"runs\":{");
        assertThatThrownBy(() -> FollowState.open(stateFile())).hasMessageContaining("is damaged");
    }

    private void once() throws Exception {
        try (FollowState state = FollowState.open(stateFile())) {
            follower(state, true).run();
        }
    }

    private Follower follower(FollowState state, boolean once) throws IOException {
        Path root = Files.createDirectories(folder.resolve("logs"));
        return new Follower(options(once, root), outlet(), state, listener(), Clock.systemUTC());
    }

    private FollowOptions options(boolean once, Path root) {
        return new FollowOptions(
                List.of(root),
                wanted,
                "",
                (place, said) -> RunStarted.builder()
                        .name(said.name())
                        .loss(said.loss())
                        .team("vision")
                        .build(),
                ReadOptions.DEFAULT,
                Duration.ofMillis(5),
                Duration.ofMillis(200),
                finishedAfter,
                ignoreOlder,
                once);
    }

    private EventOutlet outlet() {
        return new EventOutlet() {
            @Override
            public void publish(RunRecord record) {
                published.add(record);
            }

            @Override
            public void awaitDelivered() throws InterruptedException {
                if (!reachable.get()) {
                    throw new InterruptedException("stopped while waiting");
                }
            }
        };
    }

    private FollowListener listener() {
        return new FollowListener() {
            @Override
            public void began(FoundRun found, TailPosition kept, boolean goesOn) {
                heard.add((goesOn ? "goes on " : "begins ") + kept.runId());
            }

            @Override
            public void ended(FoundRun found, TailPosition kept) {
                heard.add("ended " + kept.runId());
            }

            @Override
            public void trouble(String message) {
                heard.add("trouble " + message);
            }
        };
    }

    private Path stateFile() {
        return folder.resolve("state/follow.json");
    }

    private void append(String name, String text) throws IOException {
        Path file = folder.resolve("logs").resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private List<Long> steps(String runId) {
        return published.stream()
                .filter(record -> record.runId().equals(runId) && record.event() instanceof GradientNorms)
                .map(record -> ((GradientNorms) record.event()).steps().get(0).step())
                .toList();
    }

    private static String step(int number) {
        return "{\"type\":\"step\",\"step\":" + number + ",\"loss\":1.0}\n";
    }
}

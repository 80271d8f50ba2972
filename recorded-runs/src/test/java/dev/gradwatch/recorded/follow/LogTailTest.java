package dev.gradwatch.recorded.follow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.recorded.FoundRun;
import dev.gradwatch.recorded.FrameworkLogsTest;
import dev.gradwatch.recorded.ReadRuns;
import dev.gradwatch.recorded.RunTree;
import dev.gradwatch.recorded.log.ReadOptions;
import dev.gradwatch.recorded.tensorboard.EventFileWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs while they are written, in all the ways in which programs write them. */
class LogTailTest {

    private static final Path LOGS = FrameworkLogsTest.LOGS;

    @TempDir
    private Path folder;

    private final List<RunRecord> records = new ArrayList<>();
    private final List<String> troubles = new ArrayList<>();
    private TailPosition kept = TailPosition.NEW;
    private LogTail run;
    private long now = 1_000_000;

    @Test
    void readsEachLineOnceAndLeavesAHalfWrittenOne() throws Exception {
        Path file = folder.resolve("a.jsonl");
        follow(file);
        append(file, step(1) + "\n" + step(2).substring(0, 20));
        turn();
        assertThat(steps()).containsExactly(1L);

        append(file, step(2).substring(20));
        turn();
        assertThat(steps()).containsExactly(1L);

        append(file, "\n" + step(3) + "\n");
        turn();
        turn();
        assertThat(steps()).containsExactly(1L, 2L, 3L);
        assertThat(records.get(0).event()).isInstanceOf(RunStarted.class);
        assertThat(records).hasSize(4);
    }

    @Test
    void givesRecordsTheTimeAtWhichTheyWereRead() throws Exception {
        Path file = folder.resolve("a.jsonl");
        follow(file);
        append(file, step(1) + "\n");
        turn();
        now += 500;
        append(file, step(2) + "\n{\"type\":\"step\",\"step\":3,\"time\":77}\n");
        turn();

        assertThat(records).extracting(RunRecord::timeMillis).containsExactly(1_000_000L, 1_000_000L, 1_000_500L, 77L);
    }

    @Test
    void beginsTheNextAttemptInATruncatedFile() throws Exception {
        Path file = folder.resolve("a.jsonl");
        follow(file);
        append(file, step(1) + "\n" + step(2) + "\n");
        turn();
        Files.writeString(file, step(1).replace("1.0", "9.0") + "\n");
        turn();
        assertThat(run.isDoubtful()).isTrue();
        turn();

        assertThat(steps()).containsExactly(1L, 2L, 1L);
        assertThat(records).extracting(RunRecord::attempt).containsExactly(1, 1, 1, 2, 2);
    }

    @Test
    void readsTheRestOfARotatedFileBeforeTheNewOne() throws Exception {
        Path file = folder.resolve("a.jsonl");
        follow(file);
        append(file, step(1) + "\n");
        turn();
        append(file, step(2) + "\n");
        Files.move(file, folder.resolve("a.jsonl.1"));
        append(file, step(3) + "\n");
        turn();
        turn();
        restart();
        turn();

        assertThat(steps()).containsExactly(1L, 2L, 3L);
        assertThat(records).extracting(RunRecord::attempt).containsOnly(1);
    }

    @Test
    void tellsNothingTwiceOfATableThatIsRewrittenWithEveryEpoch() throws Exception {
        Path file = folder.resolve("history.csv");
        follow(file);
        StringBuilder table = new StringBuilder("epoch,loss,val_loss\n");
        for (int epoch = 0; epoch < 100; epoch++) {
            table.append(epoch + ",1." + epoch + ",2." + epoch + "\n");
            if (epoch % 3 == 0) {
                Files.writeString(file, table);
            } else {
                Path beside = Files.writeString(folder.resolve("new"), table);
                Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            turn();
            if (epoch % 7 == 0) {
                restart();
            }
        }

        assertThat(epochs()).hasSize(100).isSorted().doesNotHaveDuplicates();
        assertThat(records).extracting(RunRecord::attempt).containsOnly(1);
    }

    @Test
    void goesOnInATableThatIsRewrittenBecauseAColumnCameIn() throws Exception {
        Path file = folder.resolve("metrics.csv");
        follow(file);
        Files.writeString(file, "epoch,step,train_loss_step\n0,9,3.5\n0,19,3.25\n");
        turn();
        quietTurn();
        // Half of the new table, as it may be seen.
        Files.writeString(file, "epoch,step,train_loss_step,val_loss\n0,9,3.5,\n");
        turn();
        Files.writeString(file, "epoch,step,train_loss_step,val_loss\n0,9,3.5,\n0,19,3.25,\n0,19,,2.5\n1,29,3.0,\n");
        turn();
        quietTurn();

        assertThat(steps()).containsExactly(9L, 19L, 29L);
        assertThat(epochs()).containsExactly(0.0);
        assertThat(records).extracting(RunRecord::attempt).containsOnly(1);
    }

    @Test
    void followsTheCheckpointsOfHuggingFacesTrainer() throws Exception {
        RunTree tree = new RunTree(folder, file -> true);
        for (String name : List.of("checkpoint-12", "checkpoint-24", "checkpoint-36", "")) {
            Path state = Files.createDirectories(folder.resolve(name)).resolve("trainer_state.json");
            byte[] whole =
                    Files.readAllBytes(LOGS.resolve("huggingface").resolve(name).resolve("trainer_state.json"));
            for (int length : new int[] {0, 10, whole.length / 2, whole.length - 1, whole.length}) {
                Files.write(state, Arrays.copyOf(whole, length));
                if (run == null && !tree.find().isEmpty()) {
                    follow(tree.find().get(0));
                }
                if (run != null) {
                    run.found(tree.find().get(0));
                    turn();
                }
            }
            restart();
        }

        assertThat(steps()).containsExactly(4L, 8L, 12L, 16L, 20L, 24L, 28L, 32L, 36L);
        assertThat(epochs()).containsExactly(1.0, 2.0, 3.0);
        assertThat(records.get(records.size() - 1).event()).isInstanceOf(RunFinished.class);
        assertThat(records).hasSize(1 + 9 + 3 + 1);
        assertThat(((RunStarted) records.get(0).event()).plannedSteps()).isEqualTo(36);
    }

    @Test
    void beginsTheNextAttemptWhereATrainingWasSetBackToAnEarlierCheckpoint() throws Exception {
        Path state = folder.resolve("trainer_state.json");
        Files.copy(LOGS.resolve("huggingface/checkpoint-36/trainer_state.json"), state);
        follow(state);
        turn();
        String earlier = Files.readString(LOGS.resolve("huggingface/checkpoint-24/trainer_state.json"));
        Files.writeString(
                state,
                earlier.replaceFirst(
                        "\\}\\s*\\],\\s*\"logging_steps\"",
                        "}, {\"epoch\": 2.3, \"loss\": 0.5, \"step\": 28}], \"logging_steps\""));
        turn();
        turn();

        assertThat(steps()).endsWith(32L, 36L, 28L);
        assertThat(records.get(records.size() - 2).event())
                .isInstanceOfSatisfying(
                        RunStarted.class,
                        started -> assertThat(started.resumed()).isTrue());
        assertThat(records.get(records.size() - 1).attempt()).isEqualTo(2);
    }

    @Test
    void takesASecondEventFileOfAFolderAsTheSameRun() throws Exception {
        RunTree tree = new RunTree(folder, file -> true);
        Path logs = Files.createDirectory(folder.resolve("run"));
        EventFileWriter first = new EventFileWriter(logs.resolve("events.out.tfevents.1.a.1.0"))
                .scalar(1.76e9, 0, "loss", 3)
                .scalar(1.76e9 + 1, 5, "loss", 2);
        follow(tree.find().get(0));
        turn();
        // Of the last step more might come.
        assertThat(steps()).containsExactly(0L);
        first.append(new byte[] {24, 0, 0});
        quietTurn();
        assertThat(steps()).containsExactly(0L, 5L);

        restart();
        new EventFileWriter(logs.resolve("events.out.tfevents.2.a.1.0")).scalar(1.76e9 + 9, 3, "loss", 2.5f);
        run.found(tree.find().get(0));
        quietTurn();

        assertThat(steps()).containsExactly(0L, 5L, 3L);
        assertThat(records.get(records.size() - 1).attempt()).isEqualTo(2);
        assertThat(records.get(records.size() - 1).timeMillis()).isEqualTo(1_760_000_009_000L);
    }

    @Test
    void passesOverABadLineAndTellsOfItOnce() throws Exception {
        Path file = folder.resolve("a.jsonl");
        follow(file);
        append(file, step(1) + "\n{\"type\":\"step\",\"step\":\"x\"}\n" + step(2) + "\n");
        turn();
        append(file, step(3) + "\n");
        turn();

        assertThat(steps()).containsExactly(1L, 2L, 3L);
        assertThat(troubles).hasSize(1);
        assertThat(troubles.get(0)).contains("a.jsonl, line 2: ", "step must be");
    }

    @Test
    void saysTheEndOnceAndBeginsAnAttemptWhenTheRunGoesOnAfterIt() throws Exception {
        Path file = folder.resolve("a.jsonl");
        follow(file);
        append(file, step(1) + "\n{\"type\":\"finished\",\"outcome\":\"completed\"}\n");
        turn();
        assertThat(run.finish(new RunFinished(RunFinished.Outcome.UNKNOWN, null), records::add))
                .isFalse();
        append(file, "{\"type\":\"heartbeat\"}\n");
        restart();
        turn();
        assertThat(records).hasSize(3);

        append(file, step(2) + "\n");
        turn();
        assertThat(records).hasSize(5);
        assertThat(records.get(4).attempt()).isEqualTo(2);
        assertThat(run.finish(new RunFinished(RunFinished.Outcome.UNKNOWN, null), records::add))
                .isTrue();
        restart();
        turn();
        assertThat(records).hasSize(6);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "keras-csvlogger.csv",
                "keras-resumed.csv",
                "lightning/metrics.csv",
                "lightning-plain/metrics.csv",
                "torch-resumed/events.out.tfevents.1760000000.host.1.0",
                "tensorboardx-epochs/events.out.tfevents.1760000000.host.1.0",
                "huggingface/trainer_state.json",
                "../zero-gradients.jsonl"
            })
    void tellsTheSameWhateverPiecesALogComesInAndHoweverOftenTheReaderBeginsAgain(String name) throws Exception {
        Path whole = LOGS.resolve(name);
        byte[] bytes = Files.readAllBytes(whole);
        List<Object> expected = ReadRuns.records(whole).stream()
                .map(record -> List.of(record.attempt(), record.event()))
                .map(Object.class::cast)
                .toList();
        for (int seed = 0; seed < 12; seed++) {
            Random random = new Random(seed);
            Path file = Files.createDirectories(folder.resolve("" + seed)).resolve(whole.getFileName());
            records.clear();
            kept = TailPosition.NEW;
            run = null;
            int length = 0;
            while (length < bytes.length) {
                length = Math.min(bytes.length, length + 1 + random.nextInt(Math.max(2, bytes.length / 10)));
                Files.write(file, Arrays.copyOf(bytes, length));
                follow(run == null ? new FoundRun(idOf(whole), file, List.of(file)) : run.found());
                turn();
                if (random.nextBoolean()) {
                    restart();
                }
            }
            quietTurn();
            assertThat(records.stream()
                            .map(record -> (Object) List.of(record.attempt(), record.event()))
                            .toList())
                    .as("seed " + seed)
                    .isEqualTo(expected);
        }
    }

    private static String idOf(Path file) throws Exception {
        return ReadRuns.records(file).get(0).runId();
    }

    private void follow(Path file) {
        follow(new FoundRun("run", file, List.of(file)));
    }

    private void follow(FoundRun found) {
        if (run == null) {
            run = new LogTail(
                    found,
                    kept,
                    ReadOptions.DEFAULT,
                    said -> said,
                    () -> now,
                    problem -> troubles.add(problem.getMessage()));
        }
    }

    private void turn() throws Exception {
        run.look();
        run.read(false, records::add);
        kept = run.kept();
    }

    private void quietTurn() throws Exception {
        run.look();
        run.read(true, records::add);
        while (run.isDoubtful() || run.hasMore()) {
            run.read(true, records::add);
        }
        kept = run.kept();
    }

    /** As another process would go on. */
    private void restart() {
        FoundRun found = run.found();
        kept = run.kept();
        run = null;
        follow(found);
    }

    private List<Long> steps() {
        return records.stream()
                .filter(record -> record.event() instanceof GradientNorms)
                .map(record -> ((GradientNorms) record.event()).steps().get(0).step())
                .toList();
    }

    private List<Double> epochs() {
        return records.stream()
                .filter(record -> record.event() instanceof EpochCompleted)
                .map(record -> ((EpochCompleted) record.event()).epoch())
                .toList();
    }

    private static void append(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static String step(int number) {
        return "{\"type\":\"step\",\"step\":" + number + ",\"loss\":1.0}";
    }
}

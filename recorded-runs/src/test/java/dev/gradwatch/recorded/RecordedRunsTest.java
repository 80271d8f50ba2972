package dev.gradwatch.recorded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.Heartbeat;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.recorded.log.RecordedRunException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordedRunsTest {

    @TempDir
    private Path folder;

    @Test
    void tellsTheRegistrationFirstAndTheEndLast() throws Exception {
        List<RunRecord> records = read(Path.of("src/test/resources/recorded/healthy.jsonl"));

        assertThat(records).hasSize(1 + 80 + 8 + 1);
        RunRecord first = records.get(0);
        assertThat(first.runId()).isEqualTo("healthy-mlp");
        assertThat(first.timeMillis()).isEqualTo(1760000000000L);
        RunStarted started = (RunStarted) first.event();
        assertThat(started.name()).isEqualTo("digits mlp");
        assertThat(started.team()).isEqualTo("vision");
        assertThat(started.classes()).isEqualTo(10);
        assertThat(started.plannedEpochs()).isEqualTo(8);
        assertThat(started.stepsPerEpoch()).isEqualTo(10);
        assertThat(started.layers()).extracting(layer -> layer.name()).containsExactly("dense", "out");
        assertThat(started.tags()).containsEntry("node", "n1");
        StepNorms step = ((GradientNorms) records.get(1).event()).steps().get(0);
        assertThat(step.layers()).hasSize(2);
        assertThat(step.layers().get(0).updateNorm()).isEqualTo(0.01);
        assertThat(records.get(89).event()).isEqualTo(new RunFinished(RunFinished.Outcome.COMPLETED, null));
    }

    @Test
    void makesOneRecordASecondWhereTheFileHasNoTimes() throws Exception {
        List<RunRecord> records = read(file("a.jsonl", "{}", epoch(0), epoch(1)));

        assertThat(records.get(1).timeMillis() - records.get(0).timeMillis()).isEqualTo(1000);
        assertThat(records.get(2).timeMillis() - records.get(1).timeMillis()).isEqualTo(1000);
        assertThat(read(file("a.jsonl", "{}", epoch(0), epoch(1)))).isEqualTo(records);
    }

    @Test
    void takesTheTimesOfTheFile() throws Exception {
        List<RunRecord> records = read(file(
                "a.jsonl",
                "{\"start_time\":5000}",
                "{\"type\":\"heartbeat\",\"step\":3,\"status\":\"evaluating\",\"time\":9000}",
                epoch(1)));

        assertThat(records).extracting(RunRecord::timeMillis).containsExactly(5000L, 9000L, 10000L);
        assertThat(records.get(1).event()).isEqualTo(new Heartbeat(3L, "evaluating"));
    }

    @Test
    void namesTheRunAfterTheFileWhenNothingElseDoes() throws Exception {
        RunRecord first = read(file("my.run.jsonl", epoch(0))).get(0);

        assertThat(first.runId()).isEqualTo("my.run");
        assertThat(((RunStarted) first.event()).name()).isEqualTo("my.run");
    }

    @Test
    void readsNonFiniteNumbersAsStringsAndAsPythonWritesThem() throws Exception {
        List<RunRecord> records = read(
                file(
                        "a.jsonl",
                        "{\"trace\":\"t\"}",
                        "{\"type\":\"step\",\"step\":1,\"loss\":\"NaN\",\"grad_norm\":\"Infinity\"}",
                        "{\"type\":\"epoch\",\"epoch\":1,\"train_loss\":NaN,\"validation_loss\":-Infinity,\"learning_rate\":null}"));

        StepNorms step = ((GradientNorms) records.get(1).event()).steps().get(0);
        assertThat(step.loss()).isNaN();
        assertThat(step.gradientNorm()).isInfinite();
        EpochCompleted epoch = (EpochCompleted) records.get(2).event();
        assertThat(epoch.trainLoss()).isNaN();
        assertThat(epoch.validationLoss()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(epoch.learningRate()).isNull();
    }

    @Test
    void takesTheFieldNamesOfTheSchemaToo() throws Exception {
        List<RunRecord> records = read(file(
                "a.jsonl",
                "{\"type\":\"epoch\",\"epoch\":1,\"validation_loss\":2,\"validation_accuracy\":0.5,\"learning_rate\":0.1,"
                        + "\"gradient_norm\":3,\"metrics\":{\"f1\":0.4},\"unheard_of\":{\"a\":[1]}}"));

        assertThat(records.get(1).event())
                .isEqualTo(new EpochCompleted(1.0, null, null, 2.0, null, 0.5, 0.1, 3.0, java.util.Map.of("f1", 0.4)));
    }

    @Test
    void beginsANewAttemptWhenTheStepGoesBack() throws Exception {
        List<RunRecord> records = read(file("a.jsonl", "{}", step(10), step(20), step(30), step(20), step(30)));

        assertThat(records).extracting(RunRecord::attempt).containsExactly(1, 1, 1, 1, 2, 2, 2);
        assertThat(((RunStarted) records.get(0).event()).resumed()).isFalse();
        assertThat(((RunStarted) records.get(4).event()).resumed()).isTrue();
    }

    @Test
    void beginsANewAttemptFromScratchWhenTheEpochGoesBackToTheFirst() throws Exception {
        List<RunRecord> records = read(file("a.jsonl", "{\"attempt\":4}", epoch(0), epoch(1), epoch(0)));

        assertThat(records).extracting(RunRecord::attempt).containsExactly(4, 4, 4, 5, 5);
        assertThat(((RunStarted) records.get(3).event()).resumed()).isFalse();
    }

    @Test
    void keepsRepetitionsAndEvaluationsBetweenStepsInOneAttempt() throws Exception {
        List<RunRecord> records = read(file(
                "a.jsonl",
                "{}",
                step(10),
                step(10),
                "{\"type\":\"epoch\",\"epoch\":1,\"step\":9,\"val_loss\":1}",
                step(11),
                "{\"type\":\"epoch\",\"epoch\":2,\"step\":11,\"val_loss\":1}"));

        assertThat(records).extracting(RunRecord::attempt).containsOnly(1);
    }

    @Test
    void readsPackedFilesAndWindowsLineEnds() throws Exception {
        Path packed = folder.resolve("packed.jsonl.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write(("\uFEFF{}\r\n\r\n" + epoch(0) + "\r\n" + epoch(1)).getBytes(StandardCharsets.UTF_8));
        }

        List<RunRecord> records = read(packed);

        assertThat(records).hasSize(3);
        assertThat(records.get(0).runId()).isEqualTo("packed");
    }

    @Test
    void readsLinesLongerThanItsBuffer() throws Exception {
        StringBuilder layers = new StringBuilder();
        for (int i = 0; i < 4000; i++) {
            layers.append(i == 0 ? "" : ",")
                    .append("{\"name\":\"layer_")
                    .append(i)
                    .append("\",\"grad_norm\":0.123456789}");
        }
        String line = "{\"type\":\"step\",\"step\":1,\"layers\":[" + layers + "]}";

        List<RunRecord> records = read(file("a.jsonl", "{}", step(0), line, step(2)));

        assertThat(((GradientNorms) records.get(2).event()).steps().get(0).layers())
                .hasSize(4000);
        assertThat(records).hasSize(4);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"type":"epoch","epoch":1                    | not valid JSON    |
            [1,2]                                        | JSON object       | [1,2]
            {"type":"epok","epoch":1}                    | unknown type      | epok
            {"epoch":1}                                  | no type           |
            {"type":"step","loss":1}                     | needs a step      |
            {"type":"epoch","train_loss":1}              | epoch or a step   |
            {"type":"step","step":1.5}                   | whole number      | 1.5
            {"type":"step","step":-1}                    | whole number      | -1
            {"type":"step","step":1,"loss":"low"}        | loss must be      | low
            {"type":"step","step":1,"grad_norm":-2}      | negative          | -2
            {"type":"epoch","epoch":1,"val_accuracy":300}| percent           | 300
            {"type":"step","step":1,"layers":[{}]}       | needs a name      |
            {"type":"step","step":1,"layers":3}          | list of objects   | 3
            {"type":"epoch","epoch":1} {}                | something follows | {
            """)
    void namesFileLineReasonAndValue(String line, String reason, String value) throws Exception {
        Path file = file("bad.jsonl", "{}", epoch(0), "", line, epoch(3));

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(RecordedRunException.class)
                .hasMessageStartingWith(file + ", line 4: ")
                .hasMessageContaining(reason)
                .hasMessageContaining(value == null ? "" : "found: " + value);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"run":{"classes":1}}           | run.classes
            {"run":{"learning_rate":"fast"}}| run.learning_rate
            {"run":{"resumed":"yes"}}       | run.resumed
            {"run":[]}                      | run must be an object
            {"attempt":0}                   | attempt
            {"run_id":" "}                  | run id
            {"finished":"perhaps"}          | outcome
            {"run":                         | not valid JSON
            """)
    void namesWhatIsWrongWithTheHeader(String header, String reason) throws Exception {
        Path file = file("bad.jsonl", header, epoch(0));

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(RecordedRunException.class)
                .hasMessageStartingWith(file + ", line 1: ")
                .hasMessageContaining(reason);
    }

    @Test
    void refusesWhatIsNoRecordedRun() throws Exception {
        assertThatThrownBy(() -> read(folder.resolve("missing.jsonl"))).hasMessageContaining("no such file");
        assertThatThrownBy(() -> read(folder)).hasMessageContaining("a folder without TensorBoard event files");
        assertThatThrownBy(() -> read(file("empty.jsonl"))).hasMessageContaining("empty");
        assertThatThrownBy(() -> read(file("picture.png", "\u0089PNG")))
                .hasMessageContaining(
                        "known format (TensorBoard event file, W&B run file (.wandb), trainer_state.json, JSON Lines,");
    }

    @Test
    void saysThatAPackedFileWasCutOff() throws Exception {
        Path whole = folder.resolve("whole.jsonl.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(whole))) {
            for (int i = 0; i < 2000; i++) {
                out.write((epoch(i) + i * 31 + "\n").replace("}" + i * 31, "}").getBytes(StandardCharsets.UTF_8));
            }
        }
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = folder.resolve("cut.jsonl.gz");
        Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length / 2));

        assertThatThrownBy(() -> read(cut))
                .isInstanceOf(RecordedRunException.class)
                .hasMessageContaining("too early");
    }

    @Test
    void findsTheRunsOfAFolderByName() throws Exception {
        file("b.jsonl", "{}");
        file("a.jsonl.gz", "{}");
        file("notes.txt", "x");

        assertThat(RecordedRuns.in(folder))
                .extracting(path -> path.getFileName().toString())
                .containsExactly("a.jsonl.gz", "b.jsonl");
    }

    @Test
    void readsTheAttemptThatFollowsAnEnd() throws Exception {
        String end = "{\"type\":\"finished\",\"outcome\":\"completed\"}";
        List<RunRecord> records = read(file("a.jsonl", "{}", epoch(0), epoch(1), end, epoch(0), epoch(1)));

        assertThat(records).extracting(RunRecord::attempt).containsExactly(1, 1, 1, 1, 2, 2, 2);
    }

    private Path file(String name, String... lines) throws IOException {
        return Files.writeString(folder.resolve(name), String.join("\n", lines));
    }

    private static String epoch(int number) {
        return "{\"type\":\"epoch\",\"epoch\":" + number + ",\"train_loss\":1.0}";
    }

    private static String step(int number) {
        return "{\"type\":\"step\",\"step\":" + number + ",\"loss\":1.0}";
    }

    private static List<RunRecord> read(Path file) throws Exception {
        List<RunRecord> records = new ArrayList<>();
        try (RecordedRun run = RecordedRuns.open(file)) {
            for (RunRecord record = run.next(); record != null; record = run.next()) {
                records.add(record);
            }
        }
        return records;
    }
}

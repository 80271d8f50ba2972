package dev.gradwatch.recorded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.EventSanitizer;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.recorded.log.ReadOptions;
import dev.gradwatch.recorded.log.RecordedRunException;
import dev.gradwatch.recorded.names.NameTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs in the shapes that many programs give them; see {@code src/test/recorded/make_other_logs.py}. */
public class OtherLogsTest {

    public static final Path LOGS = Path.of("src/test/resources/recorded/others");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "detr/log.txt,                 0, 8, 2.5",
        "epochs/history.json,          0, 8, 2.5",
        "keras/history.json,           0, 8, 2.5",
        "export/wandb_export.csv,      8, 0, 2.5",
        "fairseq/train.log,            8, 0, 2.5",
        "huggingface/stdout.log,       0, 8, 2.5",
        "imagenet/train.log,           8, 0, 2.5",
        "keras/train.log,              0, 8, 2.5",
        "lightning/train.log,          0, 8, 2.5",
        "llamafactory/trainer_log.jsonl, 8, 0, 2.5",
        "megatron/train.out,           8, 0, 2.5",
        "mlruns/0/a1b2,                0, 8, 2.5",
        "mmengine/scalars.json,        8, 1, 2.5",
        "nanogpt/output.log,           9, 1, 2.5",
        "ultralytics/results.csv,      0, 8, 5.0",
        "verl/metrics.jsonl,           8, 0, 2.5",
        "wandb/run-abc.wandb,          8, 2, 2.5",
    })
    void readsEachAsOneAttempt(String name, int steps, int epochs, double firstLoss) throws Exception {
        Path place = LOGS.resolve(name);

        List<StepNorms> readSteps = ReadRuns.steps(place);
        List<EpochCompleted> readEpochs = ReadRuns.epochs(place);

        assertThat(readSteps).hasSize(steps);
        assertThat(readEpochs).hasSize(epochs);
        assertThat(steps > 0 ? readSteps.get(0).loss() : readEpochs.get(0).trainLoss())
                .isEqualTo(firstLoss);
        assertThat(ReadRuns.records(place)).extracting(RunRecord::attempt).containsOnly(1);
    }

    @Test
    void givesTheServiceNothingThatItWouldRefuse() throws Exception {
        List<Path> places = new ArrayList<>(RecordedRuns.in(LOGS));
        places.addAll(RecordedRuns.in(FrameworkLogsTest.LOGS));
        assertThat(places).hasSizeGreaterThan(20);
        for (Path place : places) {
            for (RunRecord record : ReadRuns.records(place)) {
                assertThat(EventSanitizer.sanitize(record)).as("%s", place).isSameAs(record);
            }
        }
    }

    @Test
    void takesFromALogHowLongTheRunWillBeAndHowItEnded() throws Exception {
        assertThat(registration("megatron/train.out").plannedSteps()).isEqualTo(500);
        assertThat(registration("llamafactory/trainer_log.jsonl").plannedSteps())
                .isEqualTo(80);
        assertThat(registration("keras/train.log").plannedEpochs()).isEqualTo(8);
        assertThat(registration("imagenet/train.log").plannedSteps()).isNull();
        assertThat(registration("wandb/run-abc.wandb").learningRate()).isEqualTo(0.001);
        List<RunRecord> records = ReadRuns.records(LOGS.resolve("wandb/run-abc.wandb"));
        assertThat(records.get(records.size() - 1).event())
                .isEqualTo(new RunFinished(RunFinished.Outcome.COMPLETED, null));
    }

    @Test
    void countsStepsOverTheEpochsWhereTheLogCountsThemWithinEach() throws Exception {
        assertThat(ReadRuns.steps(LOGS.resolve("imagenet/train.log")))
                .extracting(StepNorms::step)
                .containsExactly(0L, 100L, 200L, 300L, 300L, 400L, 500L, 600L);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            step 100 | loss 2.31 | lr 1e-4 | norm 0.9 ~ 100 ~  ~ 2.31
            [step=10/1000,epoch=0] train/CrossEntropyLoss=9.116 ~ 10 ~ 0 ~ 9.116
            2025-06-22 20:17:58,204 INFO: Epoch 7: Train Loss 0.97 - Val Loss 0.96 ~  ~ 7 ~ 0.97
            Epoch: 3, TrainLoss: 185.92, ValLoss: 160.82, LR: 0.000200 ~  ~ 3 ~ 185.92
            epoch 002 - loss 5.1 - nll_loss 4.2 - ppl 18.3 - num_updates 400 ~ 400 ~ 2 ~ 5.1
            <epoch:1, iter:100, lr:1.000e-03, loss:-8.202> ~ 100 ~ 1 ~ -8.202
            Train Epoch: 2 [6400/60000 (11%)]	Loss: 0.31 ~ 6400 ~ 2 ~ 0.31
            Epoch [3/10], Step [100/600], Loss: 0.25 ~ 100 ~ 3 ~ 0.25
            {'loss': '1.5', 'grad_norm': 'nan', 'learning_rate': '1e-05', 'step': 5} ~ 5 ~  ~ 1.5
            """)
    void understandsWhatProgramsPrint(String line, Long step, Double epoch, double loss) throws Exception {
        Path file = write("train.log", "starting\n" + line + "\n");

        if (step == null) {
            EpochCompleted read = ReadRuns.epochs(file).get(0);
            assertThat(read.epoch()).isEqualTo(epoch);
            assertThat(read.trainLoss()).isEqualTo(loss);
        } else {
            StepNorms read = ReadRuns.steps(file).get(0);
            assertThat(read.step()).isEqualTo(step);
            assertThat(read.epoch()).isEqualTo(epoch);
            assertThat(read.loss()).isEqualTo(loss);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "we lost 3 files",
                "the loss 0.5 was best",
                "Epoch 3/10",
                "step 5: saved",
                "See chapter 3 for a loss of 0.4",
            })
    void readsNoRunFromProse(String line) throws Exception {
        Path file = write("notes.txt", line + "\n");

        assertThat(RecordedRuns.in(folder)).isEmpty();
        assertThatThrownBy(() -> ReadRuns.records(file)).isInstanceOf(RecordedRunException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a.json        | {"a":1}                                  | known format
            package.json  | {"name":"x","version":"1.0.0"}           | known format
            log.jsonl     | {"run_id":"r"}                           | nothing was read
            metrics.csv   | epoch,foo,bar                            | has the columns epoch, foo, bar
            trainer_state.json | {"balance": 1}                      | no list "log_history"
            """)
    void isNoRunIfNothingWasReadFromIt(String name, String content, String told) throws Exception {
        Path file = write(name, content + "\n");

        assertThatThrownBy(() -> ReadRuns.records(file))
                .isInstanceOf(RecordedRunException.class)
                .hasMessageContaining(told);
    }

    @Test
    void asksWhichOfSeveralLossesIsTheRuns() throws Exception {
        Path file = write("gan.csv", "step,g_loss,d_loss\n0,1,2\n1,3,4\n");

        assertThatThrownBy(() -> ReadRuns.records(file)).hasMessageContaining("--map 'loss=g_loss'");
        ReadOptions options = new ReadOptions(NameTable.of(Map.of("loss", "d_loss")), List.of());
        try (RecordedRun run = RecordedRuns.open(file, options)) {
            run.next();
            assertThat(run.next().event().toString()).contains("loss=2.0");
        }
    }

    @Test
    void takesThePatternOfTheUser() throws Exception {
        Path file = write("odd.log", "after cycle=7 avg(utility)=269.5\n");
        Pattern pattern = Pattern.compile("cycle=(?<step>\\d+) avg\\(utility\\)=(?<loss>\\S+)");
        ReadOptions options = new ReadOptions(NameTable.STANDARD, List.of(pattern));

        try (RecordedRun run = RecordedRuns.open(file, options)) {
            run.next();
            assertThat(run.next().event().toString()).contains("step=7").contains("loss=269.5");
        }
    }

    @Test
    void knowsGapsFromNaN() throws Exception {
        Path gaps = write("gaps.csv", "epoch,train_loss,val_loss\n1,2.0,nan\n2,1.5,1.7\n3,1.2,nan\n4,1.1,1.4\n");
        Path broken = write("broken.csv", "epoch,train_loss,val_loss\n1,2.0,2.1\n2,1.5,1.7\n3,1.2,nan\n4,1.1,nan\n");
        Path joined = write("joined.csv", "step,train_loss,val_loss\n1,2.0,nan\n1,nan,2.1\n2,1.5,nan\n2,nan,1.7\n");

        assertThat(ReadRuns.epochs(gaps))
                .extracting(EpochCompleted::validationLoss)
                .containsExactly(null, 1.7, null, 1.4);
        assertThat(ReadRuns.epochs(broken))
                .extracting(EpochCompleted::validationLoss)
                .containsExactly(2.1, 1.7, Double.NaN, Double.NaN);
        assertThat(ReadRuns.steps(joined)).extracting(StepNorms::loss).containsExactly(2.0, 1.5);
        assertThat(ReadRuns.epochs(joined))
                .extracting(EpochCompleted::validationLoss)
                .containsExactly(2.1, 1.7);
    }

    @Test
    void saysWhatIsInAFolderWithoutRuns() throws Exception {
        write("train.py", "print()");
        write("metrics.csv", "a,b\n1,2\n");

        assertThat(RecordedRuns.nothingIn(folder))
                .startsWith("2 files, none of a known format: metrics.csv (it has the columns a, b;")
                .contains("train.py");
    }

    private RunStarted registration(String name) throws Exception {
        try (RecordedRun run = RecordedRuns.open(LOGS.resolve(name))) {
            return run.registration();
        }
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }
}

package dev.gradwatch.recorded;

import static dev.gradwatch.recorded.ReadRuns.epochs;
import static dev.gradwatch.recorded.ReadRuns.records;
import static dev.gradwatch.recorded.ReadRuns.steps;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Files that the frameworks themselves wrote, by {@code src/test/recorded/make_logs.py}. */
public class FrameworkLogsTest {

    public static final Path LOGS = Path.of("src/test/resources/recorded/frameworks");

    @Test
    void readsTheTableOfKeras() throws Exception {
        List<EpochCompleted> epochs = epochs(LOGS.resolve("keras-csvlogger.csv"));

        assertThat(epochs).hasSize(5);
        assertThat(epochs.get(4).epoch()).isEqualTo(4.0);
        assertThat(epochs).allSatisfy(epoch -> {
            assertThat(epoch.trainLoss()).isBetween(1.0, 2.0);
            assertThat(epoch.validationLoss()).isBetween(1.0, 2.0);
            assertThat(epoch.trainAccuracy()).isBetween(0.1, 0.9);
            assertThat(epoch.validationAccuracy()).isBetween(0.1, 0.9);
            assertThat(epoch.step()).isNull();
            assertThat(epoch.metrics()).isEmpty();
        });
        assertThat(epochs.get(0).learningRate()).isEqualTo(9e-4, offset(1e-9));
    }

    @Test
    void beginsTheNextAttemptWhereKerasWasStartedAgainAndLeavesOutWhatIsNotAvailable() throws Exception {
        Path file = LOGS.resolve("keras-resumed.csv");

        assertThat(records(file)).extracting(RunRecord::attempt).containsExactly(1, 1, 1, 1, 2, 2, 2, 2, 2);
        assertThat(epochs(file)).extracting(EpochCompleted::epoch).containsExactly(0.0, 1.0, 2.0, 1.0, 2.0, 3.0, 4.0);
        assertThat(epochs(file).get(0).validationLoss()).isNull();
        assertThat(epochs(file).get(1).validationLoss()).isPositive();
        assertThat(((RunStarted) records(file).get(4).event()).resumed()).isTrue();
    }

    @Test
    void joinsTrainingAndValidationOfKerasTensorBoardLogs() throws Exception {
        List<EpochCompleted> epochs = epochs(LOGS.resolve("keras-tensorboard"));

        assertThat(epochs).extracting(EpochCompleted::epoch).containsExactly(0.0, 1.0, 2.0, 3.0);
        assertThat(epochs).allSatisfy(epoch -> {
            assertThat(epoch.trainLoss()).isPositive();
            assertThat(epoch.validationLoss()).isPositive();
            assertThat(epoch.trainAccuracy()).isPositive();
            assertThat(epoch.validationAccuracy()).isPositive();
            assertThat(epoch.step()).isNull();
        });
        assertThat(epochs.get(0).learningRate()).isEqualTo(9e-4, offset(1e-9));
    }

    @Test
    void takesBatchesOfKerasAsStepsBetweenItsEpochs() throws Exception {
        Path run = LOGS.resolve("keras-tensorboard-batches");

        assertThat(steps(run)).extracting(StepNorms::step).containsExactly(2L, 4L, 6L, 8L, 10L, 12L);
        assertThat(epochs(run)).extracting(EpochCompleted::epoch).containsExactly(0.0, 1.0);
        assertThat(records(run).get(4).event()).isEqualTo(epochs(run).get(0));
    }

    @Test
    void readsTheEventsOfPyTorchAndTheirTimes() throws Exception {
        Path run = LOGS.resolve("torch-steps");

        assertThat(steps(run)).hasSize(20).allSatisfy(step -> {
            assertThat(step.loss()).isPositive();
            assertThat(step.gradientNorm()).isPositive();
            assertThat(step.learningRate()).isEqualTo(0.01);
        });
        assertThat(epochs(run)).extracting(EpochCompleted::step).containsExactly(4L, 9L, 14L, 19L);
        assertThat(epochs(run)).allSatisfy(epoch -> {
            assertThat(epoch.trainLoss()).isNull();
            assertThat(epoch.validationLoss()).isPositive();
            assertThat(epoch.validationAccuracy()).isBetween(0.0, 1.0);
        });
        assertThat(records(run)).extracting(RunRecord::timeMillis).isSorted();
        assertThat(records(run).get(0).timeMillis()).isGreaterThan(1_700_000_000_000L);
    }

    @Test
    void takesALossBesideEveryEvaluationAsThatOfTheEpoch() throws Exception {
        Path run = LOGS.resolve("tensorboardx-epochs");

        assertThat(steps(run)).isEmpty();
        List<EpochCompleted> epochs = epochs(run);
        assertThat(epochs).extracting(EpochCompleted::step).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
        assertThat(epochs.get(2).validationLoss()).isEqualTo(0.8333333);
        assertThat(epochs.get(5).trainLoss()).isNaN();
    }

    @Test
    void readsSeveralEventFilesOfOneFolderAsOneRunWithAttempts() throws Exception {
        List<RunRecord> records = records(LOGS.resolve("torch-resumed"));

        assertThat(records).hasSize(1 + 12 + 1 + 8);
        assertThat(records.get(13).event()).isInstanceOf(RunStarted.class);
        assertThat(((RunStarted) records.get(13).event()).resumed()).isTrue();
        assertThat(records.subList(13, 22)).extracting(RunRecord::attempt).containsOnly(2);
    }

    @Test
    void readsTheStateOfHuggingFacesTrainer() throws Exception {
        Path file = LOGS.resolve("huggingface/trainer_state.json");

        List<RunRecord> records = records(file);
        assertThat(records).extracting(RunRecord::runId).containsOnly("huggingface");
        RunStarted started = (RunStarted) records.get(0).event();
        assertThat(started.plannedEpochs()).isEqualTo(3);
        assertThat(started.plannedSteps()).isEqualTo(36);
        assertThat(started.stepsPerEpoch()).isEqualTo(12);
        assertThat(started.batchSize()).isEqualTo(16);
        assertThat(steps(file)).extracting(StepNorms::step).containsExactly(4L, 8L, 12L, 16L, 20L, 24L, 28L, 32L, 36L);
        assertThat(steps(file))
                .allSatisfy(step -> assertThat(step.gradientNorm()).isPositive());
        assertThat(epochs(file)).extracting(EpochCompleted::epoch).containsExactly(1.0, 2.0, 3.0);
        assertThat(epochs(file).get(0).metrics()).containsOnlyKeys("eval_f1");
        assertThat(records.get(records.size() - 1).event())
                .isEqualTo(new RunFinished(RunFinished.Outcome.COMPLETED, null));
    }

    @Test
    void doesNotSayThatATrainingEndedWhoseCheckpointDoesNot() throws Exception {
        Path file = LOGS.resolve("huggingface/checkpoint-24/trainer_state.json");

        assertThat(steps(file)).hasSize(6);
        assertThat(records(file).get(0).runId()).isEqualTo("huggingface");
        assertThat(records(file)).noneSatisfy(r -> assertThat(r.event()).isInstanceOf(RunFinished.class));
    }

    @Test
    void readsTheSameFromHuggingFacesEventFile() throws Exception {
        List<StepNorms> written = steps(LOGS.resolve("huggingface/trainer_state.json"));
        List<StepNorms> events = steps(LOGS.resolve("huggingface/runs"));

        assertThat(events).hasSameSizeAs(written);
        for (int i = 0; i < written.size(); i++) {
            assertThat(events.get(i).step()).isEqualTo(written.get(i).step());
            assertThat(events.get(i).loss()).isEqualTo(written.get(i).loss(), offset(1e-6));
            assertThat(events.get(i).epoch()).isEqualTo(written.get(i).epoch(), offset(1e-6));
        }
        assertThat(epochs(LOGS.resolve("huggingface/runs"))).hasSize(3);
    }

    @Test
    void joinsTheSparseRowsOfLightning() throws Exception {
        Path file = LOGS.resolve("lightning/metrics.csv");

        assertThat(steps(file)).extracting(StepNorms::step).containsExactly(3L, 7L, 11L, 15L, 19L, 23L, 27L, 31L, 35L);
        assertThat(steps(file)).allSatisfy(step -> {
            assertThat(step.loss()).isPositive();
            assertThat(step.gradientNorm()).isPositive();
            assertThat(step.learningRate()).isEqualTo(0.01);
            assertThat(step.layers())
                    .extracting(LayerNorms::name)
                    .containsExactly("0.bias", "0.weight", "2.bias", "2.weight");
        });
        assertThat(epochs(file)).hasSize(3).allSatisfy(epoch -> {
            assertThat(epoch.trainLoss()).isPositive();
            assertThat(epoch.validationLoss()).isPositive();
            assertThat(epoch.validationAccuracy()).isPositive();
            assertThat(epoch.metrics()).isEmpty();
        });
    }

    @Test
    void takesThePlainLossOfLightningAsThatOfAStepWhereItComesBetweenEvaluations() throws Exception {
        Path file = LOGS.resolve("lightning-plain/metrics.csv");

        assertThat(records(file).get(0).runId()).isEqualTo("lightning-plain");
        assertThat(steps(file)).hasSize(9);
        assertThat(epochs(file))
                .hasSize(3)
                .allSatisfy(epoch -> assertThat(epoch.trainLoss()).isNull());
    }
}

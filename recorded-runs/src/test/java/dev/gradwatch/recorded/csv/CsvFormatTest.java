package dev.gradwatch.recorded.csv;

import static dev.gradwatch.recorded.ReadRuns.epochs;
import static dev.gradwatch.recorded.ReadRuns.records;
import static dev.gradwatch.recorded.ReadRuns.steps;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.recorded.RecordedRuns;
import dev.gradwatch.recorded.log.RecordedRunException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvFormatTest {

    @TempDir
    private Path folder;

    @Test
    void takesRowsWithStepsAsSteps() throws Exception {
        Path file = file("step\tloss\tgrad_norm\tlr", "0\t2.5\t1e-3\t0.1", "10\tnan\tinf\t0.1");

        assertThat(epochs(file)).isEmpty();
        List<StepNorms> steps = steps(file);
        assertThat(steps).extracting(StepNorms::step).containsExactly(0L, 10L);
        assertThat(steps.get(0).gradientNorm()).isEqualTo(0.001);
        assertThat(steps.get(1).loss()).isNaN();
        assertThat(steps.get(1).gradientNorm()).isInfinite();
    }

    @Test
    void readsTheTableOfAnObjectDetector() throws Exception {
        Path file = file(
                "                  epoch,         train/box_loss,         train/cls_loss,   metrics/mAP50(B),  val/box_loss,  val/cls_loss, lr/pg0, lr/pg1",
                "                      1,                    1.5,                    2.5,               0.25,           1.0,           2.0, 0.0033, 0.07");

        EpochCompleted epoch = epochs(file).get(0);
        assertThat(epoch.epoch()).isEqualTo(1.0);
        assertThat(epoch.trainLoss()).isEqualTo(4.0);
        assertThat(epoch.validationLoss()).isEqualTo(3.0);
        assertThat(epoch.learningRate()).isEqualTo(0.0033);
        assertThat(epoch.metrics()).containsEntry("metrics/mAP50(B)", 0.25).containsEntry("train/box_loss", 1.5);
    }

    @Test
    void countsRowsWhereNoColumnDoes() throws Exception {
        assertThat(epochs(file(",loss,val_loss", "0,3,4", "1,2,3")))
                .extracting(EpochCompleted::epoch)
                .containsExactly(0.0, 1.0);
        assertThat(epochs(file("loss,val_loss", "3,4", "2,3")))
                .extracting(EpochCompleted::epoch)
                .containsExactly(0.0, 1.0);
    }

    @Test
    void passesOverTextsQuotationMarksAndRepeatedHeaders() throws Exception {
        Path file = file(
                "epoch,\"loss\",note,time",
                "0,1.5,\"said \"\"fine, so far\"\"\",1760000000",
                "epoch,loss,note,time",
                "1,1.25,,1760000060.5");

        assertThat(epochs(file)).extracting(EpochCompleted::trainLoss).containsExactly(1.5, 1.25);
        assertThat(epochs(file).get(0).metrics()).isEmpty();
        assertThat(records(file).get(2).timeMillis()).isEqualTo(1_760_000_060_500L);
    }

    @Test
    void joinsRowsOfOneStepButNotTwoLossesOfIt() throws Exception {
        Path file = file(
                "step,epoch,train_loss_step,grad_norm,val_loss",
                "5,,,0.5,",
                "5,0,2.0,,",
                "5,0,1.0,,",
                "6,0,0.5,0.25,",
                "6,0,,,0.75");

        assertThat(steps(file)).extracting(StepNorms::loss).containsExactly(2.0, 1.0, 0.5);
        assertThat(steps(file)).extracting(StepNorms::gradientNorm).containsExactly(0.5, null, 0.25);
        assertThat(epochs(file)).hasSize(1);
        assertThat(epochs(file).get(0).epoch()).isZero();
    }

    @Test
    void keepsAnAccuracyThatCannotBeOneAsAMetric() throws Exception {
        EpochCompleted epoch = epochs(file("epoch,loss,acc,lr", "0,1,250,-1")).get(0);

        assertThat(epoch.trainAccuracy()).isNull();
        assertThat(epoch.learningRate()).isNull();
        assertThat(epoch.metrics()).containsEntry("acc", 250.0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2,low,1        | loss must be a number              | low
            2,1.5f,1       | loss must be a number              | 1.5f
            2,1            | 2 values under 3 columns           | 2,1
            2,1,1,1        | 4 values under 3 columns           | 2,1,1,1
            -2,1,1         | epoch must be a finite number      | -2.0
            inf,1,1        | epoch must be a finite number      | Infinity
            ,1,1           | neither a step nor an epoch        | , 1, 1
            2,"1,1         | quotation mark is not closed       | 2,"1,1
            """)
    void namesLineReasonAndValue(String line, String reason, String value) throws Exception {
        Path file = file("epoch,loss,val_loss", "0,1,1", line, "3,1,1");

        assertThatThrownBy(() -> records(file))
                .isInstanceOf(RecordedRunException.class)
                .hasMessageStartingWith(file + ", line 3: ")
                .hasMessageContaining(reason)
                .hasMessageContaining("found: " + value);
    }

    @Test
    void saysThatALastLineWithoutLineEndMayBeCutOff() throws Exception {
        Path file = Files.writeString(folder.resolve("cut.csv"), "epoch,loss\n0,1.5\n1,1.2");

        assertThatThrownBy(() -> records(file))
                .isInstanceOfSatisfying(
                        RecordedRunException.class,
                        e -> assertThat(e.isCutOff()).isTrue())
                .hasMessageContaining("line 3")
                .hasMessageContaining("found: 1,1.2");
    }

    @Test
    void knowsATrainingLogFromAnotherTable() throws Exception {
        Path other = Files.writeString(folder.resolve("houses.csv"), "price,rooms\n1,2\n");

        assertThatThrownBy(() -> records(other)).hasMessageContaining("not a recorded run of a known format");
        file("epoch,loss", "0,1");
        assertThat(RecordedRuns.in(folder)).containsExactly(folder.resolve("run.csv"));
    }

    private Path file(String... lines) throws IOException {
        return Files.writeString(folder.resolve("run.csv"), String.join("\r\n", lines) + "\r\n");
    }
}

package dev.gradwatch.recorded.names;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.recorded.names.Scalar.Part;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScalarNamesTest {

    @ParameterizedTest
    @CsvSource(textBlock = """
            loss,                          LOSS,                UNSAID,     UNSAID
            train_loss,                    LOSS,                TRAINING,   UNSAID
            Loss/train,                    LOSS,                TRAINING,   UNSAID
            trainLoss,                     LOSS,                TRAINING,   UNSAID
            Train Loss,                    LOSS,                TRAINING,   UNSAID
            train_loss_step,               LOSS,                TRAINING,   STEP
            train_loss_epoch,              LOSS,                TRAINING,   EPOCH
            epoch_loss,                    LOSS,                UNSAID,     EPOCH
            batch_loss,                    LOSS,                UNSAID,     STEP
            avg_train_loss,                LOSS,                TRAINING,   UNSAID
            val_loss,                      LOSS,                VALIDATION, UNSAID
            Loss/val,                      LOSS,                VALIDATION, UNSAID
            eval/loss,                     LOSS,                VALIDATION, UNSAID
            eval_loss,                     LOSS,                VALIDATION, UNSAID
            valid-loss,                    LOSS,                VALIDATION, UNSAID
            test_loss,                     LOSS,                TEST,       UNSAID
            train/box_loss,                PART_OF_LOSS,        TRAINING,   UNSAID
            val/dfl_loss,                  PART_OF_LOSS,        VALIDATION, UNSAID
            accuracy,                      ACCURACY,            UNSAID,     UNSAID
            val_sparse_categorical_accuracy, ACCURACY,          VALIDATION, UNSAID
            Accuracy/test,                 ACCURACY,            TEST,       UNSAID
            val_acc,                       ACCURACY,            VALIDATION, UNSAID
            epoch_accuracy,                ACCURACY,            UNSAID,     EPOCH
            lr,                            LEARNING_RATE,       UNSAID,     UNSAID
            lr-Adam,                       LEARNING_RATE,       UNSAID,     UNSAID
            lr/pg0,                        LEARNING_RATE,       UNSAID,     UNSAID
            train/learning_rate,           LEARNING_RATE,       TRAINING,   UNSAID
            epoch_learning_rate,           LEARNING_RATE,       UNSAID,     EPOCH
            grad_norm,                     GRADIENT_NORM,       UNSAID,     UNSAID
            train/grad_norm,               GRADIENT_NORM,       TRAINING,   UNSAID
            grad_2.0_norm_total,           GRADIENT_NORM,       UNSAID,     UNSAID
            grad_norm/total,               GRADIENT_NORM,       UNSAID,     UNSAID
            global_step,                   STEP,                UNSAID,     UNSAID
            train/epoch,                   EPOCH,               UNSAID,     UNSAID
            Epoch,                         EPOCH,               UNSAID,     UNSAID
            wall_time,                     TIME,                UNSAID,     UNSAID
            val_f1,                        METRIC,              VALIDATION, UNSAID
            metrics/mAP50(B),              METRIC,              UNSAID,     UNSAID
            eval_runtime,                  NOTHING,             VALIDATION, UNSAID
            eval_samples_per_second,       NOTHING,             VALIDATION, UNSAID
            train/train_loss,              NOTHING,             TRAINING,   UNSAID
            evaluation_loss_vs_iterations, NOTHING,             VALIDATION, UNSAID
            hp_metric,                     NOTHING,             UNSAID,     UNSAID
            """)
    void understands(String name, Quantity meaning, Part part, Scalar.Span span) {
        Scalar read = ScalarNames.read(name, Part.UNSAID);

        assertThat(read.quantity()).isEqualTo(meaning);
        assertThat(read.part()).isEqualTo(part);
        if (meaning != Quantity.NOTHING) {
            assertThat(read.span()).isEqualTo(span);
        }
    }

    @Test
    void takesTheLayersNameOutOfItsNorm() {
        assertThat(ScalarNames.read("grad_2.0_norm/encoder.0.Weight", Part.UNSAID))
                .isEqualTo(new Scalar(Quantity.LAYER_GRADIENT_NORM, Part.UNSAID, Scalar.Span.STEP, "encoder.0.Weight"));
        assertThat(ScalarNames.read("grad_norm/fc1", Part.UNSAID).label()).isEqualTo("fc1");
    }

    @Test
    void takesTheSamplesFromTheFolderUnlessTheNameSaysMore() {
        assertThat(ScalarNames.read("epoch_loss", Part.VALIDATION).part()).isEqualTo(Part.VALIDATION);
        assertThat(ScalarNames.read("val_loss", Part.TRAINING).part()).isEqualTo(Part.VALIDATION);
        assertThat(ScalarNames.read("epoch_f1", Part.VALIDATION).label()).isEqualTo("val_f1");
    }

    @Test
    void bearsAnyName() {
        for (String name : new String[] {"", " ", "///", "\u0000", "épreuve/😀", "_", "loss".repeat(10_000)}) {
            assertThat(ScalarNames.read(name, Part.UNSAID)).isNotNull();
        }
    }
}

package dev.gradwatch.sandbox.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.StepNorms;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingTest {

    private static final Recipe DIGITS =
            Recipe.sound(Problems.digits(300, 0.15, 1), 1).length(16, 3);

    @Test
    void goesTheSameWayForTheSameRecipe() {
        assertThat(steps(new Training(DIGITS))).isEqualTo(steps(new Training(DIGITS)));
    }

    @Test
    void goesAnotherWayForAnotherSeed() {
        assertThat(steps(new Training(DIGITS)))
                .isNotEqualTo(
                        steps(new Training(Recipe.sound(DIGITS.problem(), 2).length(16, 3))));
    }

    @Test
    void countsStepsAndEpochsFromZero() {
        Training training = new Training(DIGITS);
        List<StepNorms> steps = new ArrayList<>();
        List<EpochCompleted> epochs = new ArrayList<>();
        while (!training.finished()) {
            steps.add(training.next(5));
            training.completedEpoch().ifPresent(epochs::add);
        }
        assertThat(steps).extracting(StepNorms::step).startsWith(0L, 1L).endsWith(56L);
        assertThat(epochs).extracting(EpochCompleted::epoch).containsExactly(0.0, 1.0, 2.0);
        assertThat(epochs).extracting(EpochCompleted::step).containsExactly(18L, 37L, 56L);
    }

    @Test
    void reportsTheGlobalNormOfItsLayersBeforeClipping() {
        Training training = new Training(DIGITS.clip(1e-3));
        StepNorms step = training.next(0);
        double sum = step.layers().stream()
                .mapToDouble(layer -> layer.gradientNorm() * layer.gradientNorm())
                .sum();
        assertThat(step.gradientNorm()).isGreaterThan(0.1).isEqualTo(Math.sqrt(sum));
    }

    @Test
    void reportsWhatTheOptimizerReallyChanged() {
        StepNorms alive = new Training(DIGITS).next(0);
        StepNorms frozen = new Training(DIGITS.optimizer(Optimizer.Kind.SGD, 1e-12)).next(0);
        assertThat(alive.layers())
                .allSatisfy(layer -> assertThat(layer.updateNorm()).isGreaterThan(1e-3));
        assertThat(frozen.layers()).allSatisfy(layer -> {
            assertThat(layer.updateNorm()).isLessThan(1e-10);
            assertThat(layer.gradientNorm()).isGreaterThan(0);
        });
    }

    @Test
    void losesItsFirstLayersGradientInADeepSigmoidNetwork() {
        Training training = new Training(DIGITS.hidden(Activation.SIGMOID, 0, 16, 16, 16, 16, 16, 16, 16, 16)
                .optimizer(Optimizer.Kind.ADAM, 0.001));
        List<LayerNorms> layers = training.next(0).layers();
        assertThat(layers.get(0).gradientNorm())
                .isLessThan(1e-3 * layers.get(layers.size() - 1).gradientNorm());
    }

    @Test
    void takesItsWeightsAlongWhenResumed() {
        Training first = new Training(DIGITS);
        double startLoss = steps(first).get(0).loss();
        Training second = first.resumed(DIGITS.length(16, 4));
        StepNorms step = second.next(0);
        assertThat(step.step()).isEqualTo(57);
        assertThat(step.epoch()).isEqualTo(3.0);
        assertThat(step.loss()).isLessThan(startLoss);
    }

    private static List<StepNorms> steps(Training training) {
        List<StepNorms> steps = new ArrayList<>();
        while (!training.finished()) {
            steps.add(training.next(0));
            training.completedEpoch();
        }
        return steps;
    }
}

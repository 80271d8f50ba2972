package dev.gradwatch.sandbox.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NetworkTest {

    private static final double NUDGE = 1e-5;

    @ParameterizedTest
    @EnumSource(LossFunction.class)
    @DisplayName("every gradient equals the slope measured by finite differences")
    void everyGradientEqualsTheMeasuredSlope(LossFunction loss) {
        for (Activation activation : Activation.values()) {
            Problem problem = problemFor(loss);
            Network network = new Network(
                    problem.training().width(), List.of(5, 4), activation, 0.1, problem.outputs(), loss, new Random(3));
            double[][] inputs = problem.training().inputs();
            double[][] targets = problem.training().targets();
            network.gradients(inputs, targets);
            List<double[]> computed = new ArrayList<>();
            network.layers().forEach(layer -> computed.add(layer.gradient.clone()));
            for (int at = 0; at < computed.size(); at++) {
                double[] parameters = network.layers().get(at).parameters;
                for (int place = 0; place < parameters.length; place++) {
                    double kept = parameters[place];
                    parameters[place] = kept + NUDGE;
                    double above = network.evaluate(inputs, targets).loss();
                    parameters[place] = kept - NUDGE;
                    double below = network.evaluate(inputs, targets).loss();
                    parameters[place] = kept;
                    assertThat(computed.get(at)[place])
                            .as("%s, %s, layer %d, parameter %d", loss, activation, at, place)
                            .isCloseTo((above - below) / (2 * NUDGE), within(1e-6));
                }
            }
        }
    }

    @Test
    void handsBackNoGradientThroughAClippedProbability() {
        Problem huge = Problems.moons(40, 0.1, 5).scaled(1e10);
        Network network =
                new Network(2, List.of(4), Activation.RELU, 0, 1, LossFunction.BINARY_CROSS_ENTROPY, new Random(1));

        network.gradients(huge.training().inputs(), huge.training().targets());

        assertThat(network.gradientNorm()).isZero();
    }

    private static Problem problemFor(LossFunction loss) {
        return switch (loss) {
            case CROSS_ENTROPY -> Problems.blobs(12, 3, 4, 0.5, 7);
            case BINARY_CROSS_ENTROPY -> Problems.moons(12, 0.1, 7);
            case MEAN_SQUARED_ERROR -> Problems.curve(12, 4, 0.1, 7);
        };
    }
}

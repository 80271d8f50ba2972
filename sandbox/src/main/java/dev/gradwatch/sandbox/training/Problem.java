package dev.gradwatch.sandbox.training;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * What a model is to learn: samples for training, others for validation. Immutable by convention: nobody writes into the arrays.
 *
 * @param classes classes of a classification, 0 for a regression
 */
public record Problem(Samples training, Samples validation, int classes) {

    /** Inputs and what should come out: one-hot classes, a single 0 or 1, or numbers. */
    public static final class Samples {
        private final double[][] inputs;
        private final double[][] targets;

        Samples(double[][] inputs, double[][] targets) {
            this.inputs = inputs;
            this.targets = targets;
        }

        double[][] inputs() {
            return inputs;
        }

        double[][] targets() {
            return targets;
        }

        int size() {
            return inputs.length;
        }

        int width() {
            return inputs[0].length;
        }

        private Samples map(DoubleUnaryOperator change) {
            double[][] changed = Arrays.stream(inputs)
                    .map(row -> Arrays.stream(row).map(change).toArray())
                    .toArray(double[][]::new);
            return new Samples(changed, targets);
        }
    }

    /** The same problem with somebody's preprocessing forgotten: every input times a factor. */
    public Problem scaled(double factor) {
        return new Problem(training.map(value -> value * factor), validation.map(value -> value * factor), classes);
    }

    int outputs() {
        return training.targets()[0].length;
    }

    /** Variance of the training targets: what the best constant answer costs in a regression. */
    double targetVariance() {
        double[] targets =
                Arrays.stream(training.targets()).mapToDouble(row -> row[0]).toArray();
        double mean = Arrays.stream(targets).average().orElseThrow();
        return Arrays.stream(targets)
                .map(target -> (target - mean) * (target - mean))
                .average()
                .orElseThrow();
    }
}

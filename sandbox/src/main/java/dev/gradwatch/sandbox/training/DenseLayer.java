package dev.gradwatch.sandbox.training;

import dev.gradwatch.detection.event.LayerNorms;
import java.util.Random;

/** A fully connected layer: one array of parameters (weights row by row, then biases), one of their gradients. */
final class DenseLayer {

    final String name;
    final int inputs;
    final int outputs;
    final double[] parameters;
    final double[] gradient;
    private final Activation activation;

    DenseLayer(String name, int inputs, int outputs, Activation activation, double firstBias, Random random) {
        this.name = name;
        this.inputs = inputs;
        this.outputs = outputs;
        this.activation = activation;
        parameters = new double[outputs * (inputs + 1)];
        gradient = new double[parameters.length];
        double limit = Math.sqrt(6.0 / (inputs + outputs));
        for (int at = 0; at < outputs * inputs; at++) {
            parameters[at] = (float) (limit * (2 * random.nextDouble() - 1));
        }
        for (int at = outputs * inputs; at < parameters.length; at++) {
            parameters[at] = (float) firstBias;
        }
    }

    void forward(double[] in, double[] out, int samples) {
        for (int sample = 0; sample < samples; sample++) {
            for (int unit = 0; unit < outputs; unit++) {
                double sum = parameters[outputs * inputs + unit];
                int row = unit * inputs;
                int from = sample * inputs;
                for (int at = 0; at < inputs; at++) {
                    sum += parameters[row + at] * in[from + at];
                }
                out[sample * outputs + unit] = activation.of(sum);
            }
        }
    }

    /**
     * Sets the gradient from what went in, what came out and the loss's derivative by that.
     *
     * @param slopes by output; afterwards by weighted sum
     * @param before receives the derivative by input, unless {@code null}
     */
    void backward(double[] in, double[] out, double[] slopes, double[] before, int samples) {
        java.util.Arrays.fill(gradient, 0);
        if (before != null) {
            java.util.Arrays.fill(before, 0, samples * inputs, 0);
        }
        for (int sample = 0; sample < samples; sample++) {
            int from = sample * inputs;
            for (int unit = 0; unit < outputs; unit++) {
                int place = sample * outputs + unit;
                double slope = slopes[place] * activation.slope(out[place]);
                slopes[place] = slope;
                int row = unit * inputs;
                gradient[outputs * inputs + unit] += slope;
                for (int at = 0; at < inputs; at++) {
                    gradient[row + at] += slope * in[from + at];
                    if (before != null) {
                        before[from + at] += slope * parameters[row + at];
                    }
                }
            }
        }
    }

    double squaredGradientNorm() {
        return squaredNorm(gradient);
    }

    /** Lets the optimizer change the parameters and says what happened; {@code factor} is what clipping leaves of the gradient. */
    LayerNorms learn(Optimizer optimizer, double rate, double factor) {
        int zeros = 0;
        for (double value : gradient) {
            if (value == 0) {
                zeros++;
            }
        }
        double gradientNorm = Math.sqrt(squaredGradientNorm());
        double weightNorm = Math.sqrt(squaredNorm(parameters));
        double updateNorm = optimizer.update(parameters, gradient, rate, factor);
        return new LayerNorms(name, gradientNorm, (double) zeros / gradient.length, weightNorm, updateNorm);
    }

    private static double squaredNorm(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return sum;
    }
}

package dev.gradwatch.sandbox.training;

/**
 * A loss together with the output activation that belongs to it. Probabilities are clipped at 1e-7 before the logarithm, and a clipped one
 * hands back no gradient: the usual behaviour of frameworks that take probabilities, and the reason why inputs on a huge scale leave
 * gradients of exactly zero.
 */
public enum LossFunction {
    CROSS_ENTROPY("sparse_categorical_crossentropy", "softmax") {
        @Override
        double of(double[] sums, int from, int units, double[] targets, double[] slopes) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int unit = 0; unit < units; unit++) {
                largest = Math.max(largest, sums[from + unit]);
            }
            double total = 0;
            for (int unit = 0; unit < units; unit++) {
                slopes[from + unit] = Math.exp(sums[from + unit] - largest);
                total += slopes[from + unit];
            }
            int wanted = largest(targets, 0, units);
            double probability = slopes[from + wanted] / total;
            boolean clipped = probability < CLIP || probability > 1 - CLIP;
            for (int unit = 0; unit < units; unit++) {
                double share = slopes[from + unit] / total;
                slopes[from + unit] = clipped ? 0 : share - targets[unit];
            }
            return -Math.log(clip(probability));
        }

        @Override
        boolean right(double[] sums, int from, int units, double[] targets) {
            return largest(sums, from, units) == largest(targets, 0, units);
        }
    },
    BINARY_CROSS_ENTROPY("binary_crossentropy", "sigmoid") {
        @Override
        double of(double[] sums, int from, int units, double[] targets, double[] slopes) {
            double loss = 0;
            for (int unit = 0; unit < units; unit++) {
                double probability = Activation.SIGMOID.of(sums[from + unit]);
                boolean clipped = probability < CLIP || probability > 1 - CLIP;
                double kept = clip(probability);
                loss -= (targets[unit] * Math.log(kept) + (1 - targets[unit]) * Math.log(1 - kept)) / units;
                slopes[from + unit] = clipped ? 0 : (probability - targets[unit]) / units;
            }
            return loss;
        }

        @Override
        boolean right(double[] sums, int from, int units, double[] targets) {
            return sums[from] > 0 == targets[0] > 0.5;
        }
    },
    MEAN_SQUARED_ERROR("mse", "linear") {
        @Override
        double of(double[] sums, int from, int units, double[] targets, double[] slopes) {
            double loss = 0;
            for (int unit = 0; unit < units; unit++) {
                double error = sums[from + unit] - targets[unit];
                loss += error * error / units;
                slopes[from + unit] = 2 * error / units;
            }
            return loss;
        }

        @Override
        boolean right(double[] sums, int from, int units, double[] targets) {
            return false;
        }
    };

    private static final double CLIP = 1e-7;

    private final String usualName;
    private final String outputActivation;

    LossFunction(String usualName, String outputActivation) {
        this.usualName = usualName;
        this.outputActivation = outputActivation;
    }

    public String usualName() {
        return usualName;
    }

    public String outputActivation() {
        return outputActivation;
    }

    boolean classifies() {
        return this != MEAN_SQUARED_ERROR;
    }

    /** The loss of one sample; leaves the derivative by each weighted sum of the output layer in {@code slopes}. */
    abstract double of(double[] sums, int from, int units, double[] targets, double[] slopes);

    /** Whether the sample is classified rightly; never true for a regression. */
    abstract boolean right(double[] sums, int from, int units, double[] targets);

    private static double clip(double probability) {
        return Math.min(Math.max(probability, CLIP), 1 - CLIP);
    }

    private static int largest(double[] values, int from, int units) {
        int best = 0;
        for (int unit = 1; unit < units; unit++) {
            if (values[from + unit] > values[from + best]) {
                best = unit;
            }
        }
        return best;
    }
}

package dev.gradwatch.sandbox.training;

/** What a layer does to its weighted sums. NaN goes in and comes out, as on an accelerator. */
public enum Activation {
    LINEAR {
        @Override
        double of(double sum) {
            return sum;
        }

        @Override
        double slope(double output) {
            return 1;
        }
    },
    RELU {
        @Override
        double of(double sum) {
            return Math.max(0.0, sum);
        }

        @Override
        double slope(double output) {
            return output > 0 ? 1 : 0;
        }
    },
    SIGMOID {
        @Override
        double of(double sum) {
            return 1 / (1 + Math.exp(-sum));
        }

        @Override
        double slope(double output) {
            return output * (1 - output);
        }
    },
    TANH {
        @Override
        double of(double sum) {
            return Math.tanh(sum);
        }

        @Override
        double slope(double output) {
            return 1 - output * output;
        }
    };

    abstract double of(double sum);

    /** The derivative, from what {@link #of} gave: every function here allows that. */
    abstract double slope(double output);
}

package dev.gradwatch.sandbox.training;

/**
 * Turns gradients into updates of one layer, whose momentum it keeps. Parameters are kept in single precision, as on an accelerator, so
 * that an update far below a weight's last digit really changes nothing.
 */
public abstract class Optimizer {

    private Optimizer() {}

    /** Which rule; all others are combinations of these for the signals that matter here. */
    public enum Kind {
        SGD("sgd"),
        MOMENTUM("sgd"),
        ADAM("adam");

        private final String usualName;

        Kind(String usualName) {
            this.usualName = usualName;
        }

        public String usualName() {
            return usualName;
        }

        Optimizer forParameters(int count) {
            return switch (this) {
                case SGD -> new Momentum(count, 0);
                case MOMENTUM -> new Momentum(count, 0.9);
                case ADAM -> new Adam(count);
            };
        }
    }

    /** Changes the parameters; returns the L2 norm of what really changed. */
    final double update(double[] parameters, double[] gradient, double rate, double factor) {
        begin();
        double changed = 0;
        for (int at = 0; at < parameters.length; at++) {
            double next = (float) (parameters[at] - rate * direction(at, gradient[at] * factor));
            double change = next - parameters[at];
            changed += change * change;
            parameters[at] = next;
        }
        return Math.sqrt(changed);
    }

    void begin() {}

    abstract double direction(int at, double gradient);

    private static final class Momentum extends Optimizer {
        private final double[] velocity;
        private final double momentum;

        Momentum(int count, double momentum) {
            velocity = new double[count];
            this.momentum = momentum;
        }

        @Override
        double direction(int at, double gradient) {
            velocity[at] = momentum * velocity[at] + gradient;
            return velocity[at];
        }
    }

    /** After Kingma and Ba, "Adam: A Method for Stochastic Optimization", with their defaults. */
    private static final class Adam extends Optimizer {
        private static final double FIRST = 0.9;
        private static final double SECOND = 0.999;
        private static final double EPSILON = 1e-7;
        private final double[] mean;
        private final double[] square;
        private double firstPower = 1;
        private double secondPower = 1;

        Adam(int count) {
            mean = new double[count];
            square = new double[count];
        }

        @Override
        void begin() {
            firstPower *= FIRST;
            secondPower *= SECOND;
        }

        @Override
        double direction(int at, double gradient) {
            mean[at] = FIRST * mean[at] + (1 - FIRST) * gradient;
            square[at] = SECOND * square[at] + (1 - SECOND) * gradient * gradient;
            return mean[at] / (1 - firstPower) / (Math.sqrt(square[at] / (1 - secondPower)) + EPSILON);
        }
    }
}

package dev.gradwatch.detection.detector;

import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.RunState;
import java.util.Locale;

/**
 * Learning rates that an optimizer usually learns with: the range that range tests and the optimizers' own defaults span. A run of unknown optimizer is
 * taken for one of Adam's family.
 *
 * @param low below this a rate is suspiciously small
 * @param typical where to begin
 * @param high above this a rate is suspiciously large
 */
public record TypicalLearningRate(double low, double typical, double high) {

    /** Adam, its family and RMSprop, which scale each step to the rate. */
    public static final TypicalLearningRate ADAPTIVE = new TypicalLearningRate(1e-6, 1e-3, 3e-2);

    /** Plain stochastic gradient descent. */
    public static final TypicalLearningRate DESCENT = new TypicalLearningRate(1e-5, 1e-2, 1);

    /** The usual rates for the optimizer of a registration, which may be {@code null}. */
    public static TypicalLearningRate of(RunStarted registration) {
        boolean descent = registration != null
                && registration.optimizer() != null
                && registration.optimizer().toLowerCase(Locale.ROOT).startsWith("sgd");
        return descent ? DESCENT : ADAPTIVE;
    }

    /** The highest learning rate of the attempt, else the configured one; NaN when unknown. */
    public static double rateOf(RunState run) {
        double peak = run.learningRate().peak();
        if (!Double.isNaN(peak)) {
            return peak;
        }
        return run.registration() == null || run.registration().learningRate() == null
                ? Double.NaN
                : run.registration().learningRate();
    }
}

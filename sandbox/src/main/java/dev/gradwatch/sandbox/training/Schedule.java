package dev.gradwatch.sandbox.training;

/** The learning rate at each optimizer step. */
@FunctionalInterface
public interface Schedule {

    double rate(long step);

    static Schedule constant(double rate) {
        return step -> rate;
    }

    /** Rises in a line for {@code warmup} steps, then falls along half a cosine to a hundredth at {@code total}. */
    static Schedule cosine(double peak, long warmup, long total) {
        return step -> {
            if (step < warmup) {
                return peak * (step + 1) / warmup;
            }
            double done = Math.min(1, (double) (step - warmup) / Math.max(1, total - warmup));
            return peak * (0.01 + 0.99 * (1 + Math.cos(Math.PI * done)) / 2);
        };
    }

    /** A tenth of the rate from {@code step} on. */
    static Schedule dropAt(double rate, long dropStep) {
        return step -> step < dropStep ? rate : rate / 10;
    }
}

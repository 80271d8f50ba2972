package dev.gradwatch.detection.statistics;

/** Entropies in nats: what a cross-entropy loss comes to when a model knows nothing but how frequent each class is. Stateless. */
public final class Entropy {

    private Entropy() {}

    /** Entropy of a coin that shows one side with probability {@code p}, 0 to 1. */
    public static double binary(double p) {
        return of(p) + of(1 - p);
    }

    /** The largest entropy of {@code classes} classes of which one has the share {@code p}: the others are all alike. */
    public static double atMost(double p, int classes) {
        return binary(p) + (1 - p) * Math.log(Math.max(1, classes - 1));
    }

    private static double of(double p) {
        return p > 0 ? -p * Math.log(p) : 0;
    }
}

package dev.gradwatch.detection.scenario;

import java.util.Random;

/** Seeded curves such as training makes them. */
public final class SyntheticCurve {

    private final Random random;

    public SyntheticCurve(long seed) {
        random = new Random(seed);
    }

    /** Falls from {@code from} towards {@code floor}, the gap shrinking by a factor of e in {@code span} records. */
    public static double decay(double from, double floor, double span, int at) {
        return floor + (from - floor) * Math.exp(-at / span);
    }

    /** A value with multiplicative noise of a relative size. */
    public double noisy(double value, double size) {
        return value * Math.exp(size * random.nextGaussian() - size * size / 2);
    }

    /** Noise of an absolute size. */
    public double noise(double size) {
        return size * random.nextGaussian();
    }

    /** A learning rate that warms up over {@code warmup} and then falls along half a cosine. */
    public static double cosine(double peak, int at, int warmup, int total) {
        if (at < warmup) {
            return peak * (at + 1) / warmup;
        }
        return peak * 0.5 * (1 + Math.cos(Math.PI * (at - warmup) / (total - warmup)));
    }
}

package dev.gradwatch.app.scenario;

import java.util.Random;

/** Seeded values such as training makes them, the same on every machine. */
final class Curve {

    private final Random random;

    Curve(long seed) {
        random = new Random(seed);
    }

    /** Falls from {@code from} towards {@code floor}; the gap shrinks by a factor of e in {@code span}. */
    static double decay(double from, double floor, double span, double at) {
        return floor + (from - floor) * StrictMath.exp(-at / span);
    }

    /** Falls from {@code from} towards {@code floor} as losses of long runs do: fast at first, then ever more slowly. */
    static double power(double from, double floor, double span, double at) {
        return floor + (from - floor) / StrictMath.sqrt(1 + at / span);
    }

    /** Half a cosine from {@code peak} to nothing. */
    static double cosine(double peak, double at, double total) {
        return peak * 0.5 * (1 + StrictMath.cos(StrictMath.PI * at / total));
    }

    /** The value with multiplicative noise of a relative size; the mean stays. */
    double noisy(double value, double size) {
        return value * StrictMath.exp(size * random.nextGaussian() - size * size / 2);
    }

    /** Noise of an absolute size. */
    double noise(double size) {
        return size * random.nextGaussian();
    }

    /** Whether something happens that happens with a chance of {@code share}. */
    boolean chance(double share) {
        return random.nextDouble() < share;
    }
}

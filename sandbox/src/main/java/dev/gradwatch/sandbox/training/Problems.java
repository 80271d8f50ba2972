package dev.gradwatch.sandbox.training;

import dev.gradwatch.sandbox.training.Problem.Samples;
import java.util.Random;

/** Small problems made in code. The same seed gives the same samples. */
public final class Problems {

    /** Lit segments of a seven-segment display, top, upper left, upper right, middle, lower left, lower right, bottom. */
    private static final int[] SEGMENTS = {
        0b1110111, 0b0010010, 0b1011101, 0b1011011, 0b0111010, 0b1101011, 0b1101111, 0b1010010, 0b1111111, 0b1111011
    };

    private static final int SIDE = 8;

    private Problems() {}

    /** Noisy, shifted digits of 8 x 8 grey values from 0 to 1. */
    public static Problem digits(int samples, double noise, long seed) {
        return split(samples, 10, seed, random -> {
            int digit = random.nextInt(10);
            return new double[][] {drawn(digit, noise, random), oneHot(digit, 10)};
        });
    }

    /** Gaussian clouds, one a class, around random centres. */
    public static Problem blobs(int samples, int classes, int width, double spread, long seed) {
        Random places = new Random(~seed);
        double[][] centres = new double[classes][width];
        for (double[] centre : centres) {
            for (int at = 0; at < width; at++) {
                centre[at] = places.nextGaussian();
            }
        }
        return split(samples, classes, seed, random -> {
            int kind = random.nextInt(classes);
            double[] input = new double[width];
            for (int at = 0; at < width; at++) {
                input[at] = centres[kind][at] + spread * random.nextGaussian();
            }
            return new double[][] {input, oneHot(kind, classes)};
        });
    }

    /** Two interleaved half circles. */
    public static Problem moons(int samples, double noise, long seed) {
        return split(samples, 2, seed, random -> {
            int side = random.nextInt(2);
            double angle = Math.PI * random.nextDouble();
            double x = side == 0 ? Math.cos(angle) : 1 - Math.cos(angle);
            double y = side == 0 ? Math.sin(angle) : 0.5 - Math.sin(angle);
            double[] input = {x + noise * random.nextGaussian(), y + noise * random.nextGaussian()};
            return new double[][] {input, {side}};
        });
    }

    /** A smooth function of a few numbers, with noise of the given size on top: the loss cannot fall below its square. */
    public static Problem curve(int samples, int width, double noise, long seed) {
        Random places = new Random(~seed);
        double[] weights = places.doubles(width, -1, 1).toArray();
        return split(samples, 0, seed, random -> {
            double[] input = new double[width];
            double sum = 0;
            for (int at = 0; at < width; at++) {
                input[at] = random.nextGaussian();
                sum += weights[at] * input[at];
            }
            return new double[][] {input, new double[] {Math.tanh(sum) + noise * random.nextGaussian()}};
        });
    }

    /** Inputs and 0/1 labels that have nothing to do with each other. */
    public static Problem coinFlips(int samples, int width, long seed) {
        return split(samples, 2, seed, random -> {
            double[] input = random.doubles(width).toArray();
            return new double[][] {input, new double[] {random.nextInt(2)}};
        });
    }

    /** Makes one sample: its input, then its target. */
    private interface Draw {
        double[][] one(Random random);
    }

    private static Problem split(int samples, int classes, long seed, Draw draw) {
        Random random = new Random(seed);
        return new Problem(draw(samples, random, draw), draw(Math.max(samples / 3, 1), random, draw), classes);
    }

    private static Samples draw(int count, Random random, Draw draw) {
        double[][] inputs = new double[count][];
        double[][] targets = new double[count][];
        for (int at = 0; at < count; at++) {
            double[][] sample = draw.one(random);
            inputs[at] = sample[0];
            targets[at] = sample[1];
        }
        return new Samples(inputs, targets);
    }

    private static double[] oneHot(int kind, int classes) {
        double[] target = new double[classes];
        target[kind] = 1;
        return target;
    }

    private static double[] drawn(int digit, double noise, Random random) {
        int right = random.nextInt(4);
        int down = random.nextInt(2);
        double brightness = 0.7 + 0.3 * random.nextDouble();
        double[] grey = new double[SIDE * SIDE];
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                double ink = lit(digit, x - right, y - down) ? brightness : 0;
                double value = ink + noise * random.nextGaussian();
                grey[y * SIDE + x] = Math.min(Math.max(value, 0), 1);
            }
        }
        return grey;
    }

    /** Whether a digit of 5 x 7 pixels covers the place. */
    private static boolean lit(int digit, int x, int y) {
        if (x < 0 || x > 4 || y < 0 || y > 6) {
            return false;
        }
        boolean inner = x > 0 && x < 4;
        return (on(digit, 0) && y == 0 && inner)
                || (on(digit, 1) && x == 0 && y > 0 && y < 3)
                || (on(digit, 2) && x == 4 && y > 0 && y < 3)
                || (on(digit, 3) && y == 3 && inner)
                || (on(digit, 4) && x == 0 && y > 3 && y < 6)
                || (on(digit, 5) && x == 4 && y > 3 && y < 6)
                || (on(digit, 6) && y == 6 && inner);
    }

    private static boolean on(int digit, int segment) {
        return (SEGMENTS[digit] >> (6 - segment) & 1) == 1;
    }
}

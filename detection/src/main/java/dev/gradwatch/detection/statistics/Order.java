package dev.gradwatch.detection.statistics;

/** Order statistics of small arrays. */
public final class Order {

    /** Turns a median absolute deviation into the standard deviation of a normal distribution. */
    public static final double ROBUST = 1.4826;

    private Order() {}

    /** Median of the first {@code n} values, which it sorts in place; NaN when {@code n} is 0. */
    public static double median(double[] values, int n) {
        if (n == 0) {
            return Double.NaN;
        }
        sort(values, n);
        double upper = values[n / 2];
        // Halves first: the sum of two huge values would overflow.
        return n % 2 == 1 ? upper : values[n / 2 - 1] / 2 + upper / 2;
    }

    /** Insertion sort: the arrays are short and often nearly sorted. */
    private static void sort(double[] values, int n) {
        for (int i = 1; i < n; i++) {
            double value = values[i];
            int j = i - 1;
            while (j >= 0 && values[j] > value) {
                values[j + 1] = values[j];
                j--;
            }
            values[j + 1] = value;
        }
    }
}

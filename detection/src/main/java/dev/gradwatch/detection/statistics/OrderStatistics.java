package dev.gradwatch.detection.statistics;

/** Order statistics of small arrays. */
public final class OrderStatistics {

    /** Turns a median absolute deviation into the standard deviation of a normal distribution. */
    public static final double ROBUST = 1.4826;

    /** Values up to which an insertion sort is the fastest way. */
    private static final int SHORT = 12;

    private OrderStatistics() {}

    /** Median of the first {@code n} values, which it reorders; NaN when {@code n} is 0. Values must not be NaN. */
    public static double median(double[] values, int n) {
        if (n == 0) {
            return Double.NaN;
        }
        int middle = n / 2;
        if (n <= SHORT) {
            sort(values, 0, n - 1);
            return n % 2 == 1 ? values[middle] : halfway(values[middle - 1], values[middle]);
        }
        select(values, middle, n);
        if (n % 2 == 1) {
            return values[middle];
        }
        double below = values[0];
        for (int i = 1; i < middle; i++) {
            below = Math.max(below, values[i]);
        }
        return halfway(below, values[middle]);
    }

    /** Median of three values. */
    public static double median(double a, double b, double c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }

    /** Halves first: the sum of two huge values would overflow. */
    private static double halfway(double low, double high) {
        return low / 2 + high / 2;
    }

    /** Hoare's selection: afterwards the value at {@code k} is in its sorted place, nothing before it is larger, nothing after it smaller. */
    private static void select(double[] values, int k, int n) {
        int low = 0;
        int high = n - 1;
        while (high - low >= SHORT) {
            double pivot = median(values[low], values[(low + high) >>> 1], values[high]);
            int i = low;
            int j = high;
            while (i <= j) {
                while (values[i] < pivot) {
                    i++;
                }
                while (values[j] > pivot) {
                    j--;
                }
                if (i <= j) {
                    double swapped = values[i];
                    values[i++] = values[j];
                    values[j--] = swapped;
                }
            }
            if (k <= j) {
                high = j;
            } else if (k >= i) {
                low = i;
            } else {
                return;
            }
        }
        sort(values, low, high);
    }

    /** Insertion sort: best for a handful of values. */
    private static void sort(double[] values, int low, int high) {
        for (int i = low + 1; i <= high; i++) {
            double value = values[i];
            int j = i - 1;
            while (j >= low && values[j] > value) {
                values[j + 1] = values[j];
                j--;
            }
            values[j + 1] = value;
        }
    }
}

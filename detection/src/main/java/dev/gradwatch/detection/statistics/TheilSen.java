package dev.gradwatch.detection.statistics;

/**
 * A straight line through a short series that a few outliers do not bend: the median of the slopes of all pairs (Theil 1950, Sen 1968).
 * Values stand at 0, 1, 2 and so on. Fitting allocates nothing; not thread-safe.
 */
public final class TheilSen {

    private final double[] slopes;
    private final double[] residuals;
    private double slope;
    private double intercept;
    private double spread;

    /** For series of at most {@code capacity} values. */
    public TheilSen(int capacity) {
        slopes = new double[capacity * (capacity - 1) / 2];
        residuals = new double[capacity];
    }

    /** Fits the first {@code n} values, all finite; two or more. */
    public void fit(double[] values, int n) {
        int pairs = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                // Divided first: the difference of two huge values would overflow.
                slopes[pairs++] = values[j] / (j - i) - values[i] / (j - i);
            }
        }
        slope = OrderStatistics.median(slopes, pairs);
        for (int i = 0; i < n; i++) {
            residuals[i] = values[i] - slope * i;
        }
        intercept = OrderStatistics.median(residuals, n);
        for (int i = 0; i < n; i++) {
            residuals[i] = Math.abs(values[i] - slope * i - intercept);
        }
        spread = OrderStatistics.ROBUST * OrderStatistics.median(residuals, n);
    }

    /** Rise of the line from one value to the next. */
    public double slope() {
        return slope;
    }

    /** The line at {@code index}. */
    public double at(double index) {
        return intercept + slope * index;
    }

    /** Robust standard deviation of the values around the line. */
    public double spread() {
        return spread;
    }
}

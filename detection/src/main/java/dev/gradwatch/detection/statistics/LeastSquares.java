package dev.gradwatch.detection.statistics;

/** The straight line with the least squared error through values at 0, 1, 2 and so on, and how sure its slope is. Immutable. */
public record LeastSquares(double slope, double slopeError) {

    /** Fits the first {@code n} values, all finite; the error is NaN below three values, and 0 for a perfect line. */
    public static LeastSquares of(double[] values, int n) {
        double middle = (n - 1) / 2.0;
        double mean = 0;
        for (int i = 0; i < n; i++) {
            mean += values[i] / n;
        }
        double squares = n * ((double) n * n - 1) / 12;
        double slope = 0;
        for (int i = 0; i < n; i++) {
            slope += (i - middle) / squares * (values[i] - mean);
        }
        if (n < 3) {
            return new LeastSquares(slope, Double.NaN);
        }
        double largest = 0;
        for (int i = 0; i < n; i++) {
            largest = Math.max(largest, Math.abs(values[i] - mean - slope * (i - middle)));
        }
        if (largest == 0) {
            return new LeastSquares(slope, 0);
        }
        // In units of the largest residual: squares of huge values overflow, those of tiny ones vanish.
        double error = 0;
        for (int i = 0; i < n; i++) {
            double residual = (values[i] - mean - slope * (i - middle)) / largest;
            error += residual * residual / (n - 2);
        }
        return new LeastSquares(slope, largest * Math.sqrt(error / squares));
    }
}

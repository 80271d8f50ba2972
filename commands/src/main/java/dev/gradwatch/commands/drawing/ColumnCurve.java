package dev.gradwatch.commands.drawing;

import java.util.Arrays;
import java.util.function.ToIntFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * A curve in the columns of a drawing. What shares a column is drawn as its mean, so that the way of a noisy loss is seen; a value that
 * stands above its column further than values of this run do is drawn too, so that no spike is lost.
 */
final class ColumnCurve {

    /** Times the usual distance from the mean of a column to its highest value. */
    private static final double STANDS_OUT = 4;

    private final double[] means;
    private final double[] highs;
    private final boolean[] strange;

    private ColumnCurve(int columns) {
        means = new double[columns];
        highs = new double[columns];
        strange = new boolean[columns];
        Arrays.fill(means, Double.NaN);
    }

    /** @param column of a place in the run, from 0 and below {@code columns} */
    static ColumnCurve of(Envelope curve, int columns, ToIntFunction<ProgressPoint> column) {
        ColumnCurve drawn = new ColumnCurve(columns);
        double[] counts = new double[columns];
        for (int i = 0; i < curve.size(); i++) {
            int at = column.applyAsInt(curve.place(i));
            drawn.strange[at] |= curve.isStrange(i);
            if (curve.isDrawable(i)) {
                drawn.take(at, counts[at], curve, i);
                counts[at] += curve.count(i);
            }
        }
        drawn.forgetUsualNoise(counts);
        return drawn;
    }

    int size() {
        return means.length;
    }

    /** Whether there is something finite in a column. */
    boolean isDrawable(int column) {
        return !Double.isNaN(means[column]);
    }

    /** Whether something in a column was NaN or infinite. */
    boolean isStrange(int column) {
        return strange[column];
    }

    double mean(int column) {
        return means[column];
    }

    /** The mean, or what lies so far above it that it is worth seeing. */
    double high(int column) {
        return highs[column];
    }

    /** All that is drawn. */
    DoubleStream values() {
        return IntStream.range(0, means.length)
                .filter(this::isDrawable)
                .mapToObj(column -> DoubleStream.of(means[column], highs[column]))
                .flatMapToDouble(values -> values);
    }

    private void take(int at, double before, Envelope curve, int bucket) {
        if (before == 0) {
            means[at] = curve.mean(bucket);
            highs[at] = curve.high(bucket);
            return;
        }
        double all = before + curve.count(bucket);
        means[at] = means[at] * (before / all) + curve.mean(bucket) * (curve.count(bucket) / all);
        highs[at] = Math.max(highs[at], curve.high(bucket));
    }

    private void forgetUsualNoise(double[] counts) {
        boolean positive = IntStream.range(0, means.length).allMatch(i -> !isDrawable(i) || means[i] > 0);
        double usual = median(IntStream.range(0, means.length)
                .filter(i -> counts[i] > 1)
                .mapToDouble(i -> above(i, positive))
                .toArray());
        for (int i = 0; i < means.length; i++) {
            if (isDrawable(i) && !(above(i, positive) > STANDS_OUT * usual)) {
                highs[i] = means[i];
            }
        }
    }

    /** How far the highest value of a column stands above its mean; as a ratio where that is possible, because noise grows with the loss. */
    private double above(int column, boolean positive) {
        return positive ? highs[column] / means[column] - 1 : highs[column] - means[column];
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values.length == 0 ? 0 : values[values.length / 2];
    }
}

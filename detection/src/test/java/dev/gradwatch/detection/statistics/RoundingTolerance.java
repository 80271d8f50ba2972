package dev.gradwatch.detection.statistics;

import org.assertj.core.data.Offset;

/** How near a computed value must come: rounding errors of the values that went in, and no more. */
final class RoundingTolerance {

    private static final double ROUNDING = 1e-12;

    private RoundingTolerance() {}

    static Offset<Double> to(double expected, double largestInput) {
        return Offset.offset(ROUNDING * Math.max(Math.abs(expected), largestInput) + Double.MIN_NORMAL);
    }
}

package dev.gradwatch.commands.drawing;

import dev.gradwatch.detection.alert.NumberText;
import java.util.Locale;

/** From values to heights between 0, the bottom, and 1, the top. Logarithmic where a linear scale would show nothing but the largest. */
record ValueScale(double low, double high, boolean logarithmic) {

    private static final double LARGE_RANGE = 30;
    private static final int MOST_DIGITS = 8;

    /** Over finite values; {@code null} without any. Logarithmic scales begin at the least value above 0. */
    static ValueScale over(double... values) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        double leastPositive = Double.POSITIVE_INFINITY;
        for (double value : values) {
            low = Math.min(low, value);
            high = Math.max(high, value);
            leastPositive = value > 0 ? Math.min(leastPositive, value) : leastPositive;
        }
        if (low > high) {
            return null;
        }
        boolean logarithmic = low >= 0 && high / leastPositive >= LARGE_RANGE;
        return new ValueScale(logarithmic ? leastPositive : low, high, logarithmic);
    }

    /** Whether all values are the same. */
    boolean isLevel() {
        return !(high > low);
    }

    /** Never outside 0 to 1. */
    double height(double value) {
        double share;
        if (isLevel()) {
            share = 0.5;
        } else if (logarithmic) {
            share = value <= 0 ? 0 : (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low));
        } else if (Double.isInfinite(high - low)) {
            share = (value / 2 - low / 2) / (high / 2 - low / 2);
        } else {
            share = (value - low) / (high - low);
        }
        return Double.isNaN(share) ? 0.5 : Math.max(0, Math.min(1, share));
    }

    /** The value at a height. */
    double at(double height) {
        if (logarithmic) {
            return Math.exp(Math.log(low) + height * (Math.log(high) - Math.log(low)));
        }
        return low * (1 - height) + high * height;
    }

    /** A value with so many digits that the ends of the scale are told apart. */
    String label(double value) {
        String text = NumberText.number(value);
        if (isLevel() || !NumberText.number(low).equals(NumberText.number(high))) {
            return text;
        }
        for (int digits = 4; digits <= MOST_DIGITS; digits++) {
            String format = "%." + digits + "g";
            text = String.format(Locale.ROOT, format, value);
            if (!String.format(Locale.ROOT, format, low).equals(String.format(Locale.ROOT, format, high))) {
                return text;
            }
        }
        return text;
    }
}

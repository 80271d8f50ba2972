package dev.gradwatch.detection.alert;

import java.util.Locale;

/** How the product writes numbers for people: in alerts, on the command line and on the card. */
public final class NumberText {

    /** A number that is exact in so few digits, such as 0.3 or 0.001, is written so: more would claim more. */
    private static final int SHORT = 2;

    private NumberText() {}

    /** A number as people write it: three significant digits, powers of ten only for the very small and very large. */
    public static String number(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "infinity" : "-infinity";
        }
        double size = Math.abs(value);
        if (value == Math.rint(value) && size < 1e6) {
            return Long.toString((long) value);
        }
        if (size >= 1e6 || size < 1e-3) {
            return String.format(Locale.ROOT, "%.1e", value)
                    .replace("e+0", "e")
                    .replace("e-0", "e-")
                    .replace("e+", "e")
                    .replace(".0e", "e");
        }
        String shortest = Double.toString(value);
        if (significantDigits(shortest) <= SHORT) {
            return shortest;
        }
        int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    private static int significantDigits(String number) {
        int digits = 0;
        for (int i = 0; i < number.length(); i++) {
            char c = number.charAt(i);
            digits += Character.isDigit(c) && (digits > 0 || c != '0') ? 1 : 0;
        }
        return digits;
    }

    /** A place in a row as people write it: {@code 3} is {@code 3rd}. */
    public static String ordinal(long place) {
        long ten = place % 100;
        String ending = ten > 10 && ten < 14
                ? "th"
                : place % 10 == 1 ? "st" : place % 10 == 2 ? "nd" : place % 10 == 3 ? "rd" : "th";
        return place + ending;
    }

    /** A share as people write it: {@code 0.923} is {@code 92 %}. */
    public static String percent(double share) {
        return number(Math.abs(share) < 0.1 ? Math.rint(share * 1000) / 10 : Math.rint(share * 100)) + " %";
    }
}

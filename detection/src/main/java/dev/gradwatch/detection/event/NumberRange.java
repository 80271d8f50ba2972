package dev.gradwatch.detection.event;

/**
 * What a number of an event may be.
 *
 * @param least the smallest value
 * @param excludesLeast whether the value must lie above {@code least}
 * @param most the largest value; infinite where there is none
 * @param nan whether NaN is data
 * @param infinity whether positive infinity is data
 */
public record NumberRange(double least, boolean excludesLeast, double most, boolean nan, boolean infinity) {

    /** {@code least} or more, for whole numbers. */
    static NumberRange from(long least, long most) {
        return new NumberRange(least, false, most, false, false);
    }

    /** Something measured, which may have overflowed or be undefined: NaN and infinity are data. */
    static NumberRange measured() {
        return new NumberRange(0, false, Double.POSITIVE_INFINITY, true, true);
    }

    /** A share, on whatever scale. */
    static NumberRange share(double most) {
        return new NumberRange(0, false, most, true, false);
    }

    /** Something configured, which nobody measures: finite and above 0. */
    static NumberRange configured() {
        return new NumberRange(0, true, Double.POSITIVE_INFINITY, false, false);
    }

    /** A place on the time line of a run. */
    static NumberRange place() {
        return new NumberRange(0, false, Double.POSITIVE_INFINITY, false, false);
    }

    public boolean allows(double value) {
        if (Double.isNaN(value)) {
            return nan;
        }
        if (value == Double.POSITIVE_INFINITY) {
            return infinity;
        }
        return (excludesLeast ? value > least : value >= least) && value <= most;
    }

    /** What is allowed, for people: {@code 0 or more, NaN or Infinity}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (Double.isInfinite(most)) {
            text.append(infinity ? "" : nan ? "" : isWhole(least) && !excludesLeast ? "finite, " : "finite and ");
            text.append(excludesLeast ? "above " + number(least) : number(least) + " or more");
        } else {
            text.append(excludesLeast ? "above " + number(least) + ", at most " : number(least) + " to ")
                    .append(number(most));
        }
        if (nan) {
            text.append(infinity ? ", NaN or Infinity" : ", or NaN");
        }
        return text.toString();
    }

    private static boolean isWhole(double value) {
        return value == Math.rint(value);
    }

    private static String number(double value) {
        return isWhole(value) ? Long.toString((long) value) : Double.toString(value);
    }
}

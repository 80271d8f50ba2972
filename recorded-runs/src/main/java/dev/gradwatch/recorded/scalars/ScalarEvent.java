package dev.gradwatch.recorded.scalars;

import java.util.List;

/**
 * Scalars that were logged at one moment.
 *
 * @param wallTime seconds since 1970
 */
public record ScalarEvent(double wallTime, long step, List<Value> values) {

    /** A tag and its number. */
    public record Value(String tag, double number) {}
}

package dev.gradwatch.detection.detector;

import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.state.RunState;
import java.util.function.Predicate;

/**
 * A cause that a detector's symptom points to by itself, before any other evidence.
 *
 * @param cause the cause
 * @param weight how strongly, 0 to 1: those of one detector add up to about 1, and the rest is for causes that nobody thought of
 * @param condition when it is suggested, in words; {@code null}: always
 * @param when the same as a test of the run
 */
public record SuggestedCause(CauseCode cause, double weight, String condition, Predicate<RunState> when) {

    public SuggestedCause {
        if (!(weight > 0 && weight <= 1)) {
            throw new IllegalArgumentException(
                    cause.code() + ": a weight of " + weight + ", must be above 0, at most 1");
        }
    }
}

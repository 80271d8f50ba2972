package dev.gradwatch.detection.alert;

import java.util.List;

/**
 * One probable cause of an alert.
 *
 * @param code stable cause code, such as {@code unscaled-inputs}
 * @param confidence 0 to 1; those of one alert add up to at most 1
 * @param evidenceFor what speaks for it, in words with the run's own numbers
 * @param evidenceAgainst what speaks against it
 * @param remedy what to do
 */
public record ProbableCause(
        String code, double confidence, List<String> evidenceFor, List<String> evidenceAgainst, String remedy) {

    public ProbableCause {
        evidenceFor = List.copyOf(evidenceFor);
        evidenceAgainst = List.copyOf(evidenceAgainst);
    }
}

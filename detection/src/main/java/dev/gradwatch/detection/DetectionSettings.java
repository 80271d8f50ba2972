package dev.gradwatch.detection;

import dev.gradwatch.detection.catalogue.Catalogue;
import dev.gradwatch.detection.detector.DetectorSettings;
import java.util.Map;

/**
 * Everything about the judgement that can be configured. Immutable.
 *
 * @param detectors the parameters of every detector
 */
public record DetectionSettings(DetectorSettings detectors) {

    /** Every value at its default. */
    public static DetectionSettings defaults() {
        return of(Map.of());
    }

    /**
     * Defaults with some values changed.
     *
     * @param overrides by {@code <detector>.<parameter>}, such as {@code loss-plateau.flat}
     * @throws IllegalArgumentException naming every unknown key and every value out of range
     */
    public static DetectionSettings of(Map<String, Double> overrides) {
        return new DetectionSettings(DetectorSettings.of(Catalogue.entries(), overrides));
    }
}

package dev.gradwatch.detection;

import dev.gradwatch.detection.catalogue.Catalogue;
import dev.gradwatch.detection.detector.DetectorSettings;
import dev.gradwatch.detection.diagnosis.DiagnosisWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything about the judgement that can be configured. Immutable.
 *
 * @param detectors the parameters of every detector
 * @param diagnosis the weights of the diagnosis
 */
public record DetectionSettings(DetectorSettings detectors, DiagnosisWeights diagnosis) {

    /** Every value at its default. */
    public static DetectionSettings defaults() {
        return of(Map.of());
    }

    /**
     * Defaults with some values changed.
     *
     * @param overrides by {@code <detector>.<parameter>}, such as {@code loss-plateau.flat}, or by {@code diagnosis.<evidence>.<cause>}
     * @throws IllegalArgumentException naming every unknown key and every value out of range
     */
    public static DetectionSettings of(Map<String, Double> overrides) {
        Map<String, Double> parameters = new TreeMap<>();
        Map<String, Double> weights = new TreeMap<>();
        overrides.forEach((key, value) -> {
            if (key.startsWith(DiagnosisWeights.PREFIX)) {
                weights.put(key.substring(DiagnosisWeights.PREFIX.length()), value);
            } else {
                parameters.put(key, value);
            }
        });
        List<String> problems = new ArrayList<>();
        DetectorSettings detectors = null;
        DiagnosisWeights diagnosis = null;
        try {
            detectors = DetectorSettings.of(Catalogue.entries(), parameters);
        } catch (IllegalArgumentException e) {
            problems.add(e.getMessage());
        }
        try {
            diagnosis = DiagnosisWeights.of(Catalogue.entries(), weights);
        } catch (IllegalArgumentException e) {
            problems.add(e.getMessage());
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        return new DetectionSettings(detectors, diagnosis);
    }
}

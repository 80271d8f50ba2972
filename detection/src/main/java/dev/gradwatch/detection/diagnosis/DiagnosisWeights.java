package dev.gradwatch.detection.diagnosis;

import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.detector.SuggestedCause;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The value of every weight of the diagnosis. Immutable. */
public final class DiagnosisWeights {

    /** What comes before the name of a weight where weights and detectors' parameters are set together. */
    public static final String PREFIX = "diagnosis.";

    /** A weight of 10 outvotes all others together; more changes nothing. */
    private static final double LARGEST_WEIGHT = 10;

    private static final Parameter SYMPTOM_SHARE = new Parameter(
            "symptom-share",
            0.3,
            0,
            1,
            "share of its weights",
            "How much a symptom behind an alert counts next to the alert's own. Set by eye on recorded runs.");

    private static final Parameter OPEN_ALERT_SHARE = new Parameter(
            "open-alert-share",
            0.15,
            0,
            1,
            "share of its weights",
            "How much another open alert of the run counts next to the alert's own symptom. Set by eye on recorded runs.");

    private static final Parameter UNKNOWN_CAUSES = new Parameter(
            "unknown-causes",
            0.15,
            0.001,
            LARGEST_WEIGHT,
            "weight",
            "Kept back for causes that nobody thought of, so that confidences add up to less than 1.");

    private final Map<String, Double> overrides;

    private DiagnosisWeights(Map<String, Double> overrides) {
        this.overrides = Map.copyOf(overrides);
    }

    /** Every weight as a parameter, in the order of the table: shares, symptoms, evidence. */
    public static List<Parameter> parameters(List<CatalogueEntry> entries) {
        List<Parameter> all = new ArrayList<>(List.of(SYMPTOM_SHARE, OPEN_ALERT_SHARE, UNKNOWN_CAUSES));
        for (CatalogueEntry entry : entries) {
            for (SuggestedCause suggested : entry.causes()) {
                String when = suggested.condition() == null ? "always" : suggested.condition();
                all.add(weight(entry.id(), suggested.cause(), suggested.weight(), when));
            }
        }
        for (DiagnosisEvidence evidence : DiagnosisEvidence.values()) {
            for (EvidenceEffect effect : evidence.effects()) {
                all.add(
                        effect.supports()
                                ? weight(evidence.id(), effect.cause(), effect.value(), evidence.condition())
                                : factor(evidence.id(), effect.cause(), effect.value(), evidence.condition()));
            }
        }
        return all;
    }

    /**
     * The table with some values changed.
     *
     * @param overrides by {@code <evidence>.<cause>}, such as {@code early-best.insufficient-data}; a detector's id is the evidence of its
     *     symptom
     * @throws IllegalArgumentException naming every unknown key and every value out of range
     */
    public static DiagnosisWeights of(List<CatalogueEntry> entries, Map<String, Double> overrides) {
        List<String> problems = new ArrayList<>();
        Map<String, Parameter> known = new TreeMap<>();
        parameters(entries).forEach(parameter -> known.put(parameter.name(), parameter));
        new TreeMap<>(overrides).forEach((key, value) -> {
            Parameter parameter = known.get(key);
            if (parameter == null) {
                problems.add(PREFIX + key + ": no such weight; see 'gradwatch detectors --causes'");
            } else if (!(value >= parameter.min() && value <= parameter.max())) {
                problems.add(PREFIX + key + " = " + value + ": must be " + parameter.min() + " to " + parameter.max()
                        + " (" + parameter.unit() + ")");
            }
        });
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        return new DiagnosisWeights(overrides);
    }

    /** The value of a weight by its name. */
    public double get(Parameter parameter) {
        return overrides.getOrDefault(parameter.name(), parameter.defaultValue());
    }

    double of(CatalogueEntry entry, SuggestedCause suggested) {
        return overrides.getOrDefault(name(entry.id(), suggested.cause()), suggested.weight());
    }

    double of(DiagnosisEvidence evidence, EvidenceEffect effect) {
        return overrides.getOrDefault(name(evidence.id(), effect.cause()), effect.value());
    }

    double symptomShare() {
        return get(SYMPTOM_SHARE);
    }

    double openAlertShare() {
        return get(OPEN_ALERT_SHARE);
    }

    double unknownCauses() {
        return get(UNKNOWN_CAUSES);
    }

    private static Parameter weight(String evidence, CauseCode cause, double value, String when) {
        return new Parameter(name(evidence, cause), value, 0, LARGEST_WEIGHT, "weight", when);
    }

    private static Parameter factor(String evidence, CauseCode cause, double value, String when) {
        return new Parameter(name(evidence, cause), value, 0, 1, "factor", when);
    }

    private static String name(String evidence, CauseCode cause) {
        return evidence + "." + cause.code();
    }
}

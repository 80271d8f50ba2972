package dev.gradwatch.detection.detector;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The value of every parameter of every detector. Immutable. */
public final class DetectorSettings {

    private final Map<String, Double> overrides;

    private DetectorSettings(Map<String, Double> overrides) {
        this.overrides = Map.copyOf(overrides);
    }

    /**
     * The defaults of the given detectors with some values changed.
     *
     * @param entries the detectors
     * @param overrides by {@code <detector>.<parameter>}, such as {@code loss-plateau.flat}
     * @throws IllegalArgumentException naming every unknown key and every value out of range
     */
    public static DetectorSettings of(List<CatalogueEntry> entries, Map<String, Double> overrides) {
        List<String> problems = new ArrayList<>();
        Map<String, Parameter> known = new TreeMap<>();
        for (CatalogueEntry entry : entries) {
            for (Parameter parameter : entry.parameters()) {
                known.put(entry.id() + "." + parameter.name(), parameter);
            }
        }
        new TreeMap<>(overrides).forEach((key, value) -> {
            Parameter parameter = known.get(key);
            if (parameter == null) {
                problems.add(key + ": no such parameter; see 'gradwatch detectors'");
            } else if (!(value >= parameter.min() && value <= parameter.max())) {
                problems.add(key + " = " + value + ": must be " + parameter.min() + " to " + parameter.max() + " "
                        + parameter.unit());
            }
        });
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        return new DetectorSettings(overrides);
    }

    /** The value of a parameter: configured, or its default. */
    public double get(String detector, Parameter parameter) {
        return overrides.getOrDefault(detector + "." + parameter.name(), parameter.defaultValue());
    }
}

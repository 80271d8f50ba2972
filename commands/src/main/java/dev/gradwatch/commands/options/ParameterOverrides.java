package dev.gradwatch.commands.options;

import dev.gradwatch.detection.catalogue.Catalogue;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.diagnosis.DiagnosisWeights;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Detector parameters and weights of the diagnosis from the command line, checked; detectors' keys with or without {@code detectors.}
 * before them.
 */
public final class ParameterOverrides {

    private static final String PREFIX = "detectors.";

    private ParameterOverrides() {}

    /**
     * By {@code <detector>.<parameter>} and {@code diagnosis.<evidence>.<cause>}.
     *
     * @throws IllegalArgumentException naming each key that does not exist and each value that is not allowed, with what is, a line each
     */
    public static Map<String, Double> parse(Map<String, String> texts) {
        Map<String, Double> values = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        texts.forEach((key, text) -> {
            String name = key.startsWith(PREFIX) ? key.substring(PREFIX.length()) : key;
            Parameter parameter = find(name);
            if (parameter == null) {
                problems.add("--set " + key + ": no such parameter; " + known(name));
                return;
            }
            Double value = number(text);
            if (value == null || !(value >= parameter.min() && value <= parameter.max())) {
                problems.add("--set " + key + "=" + text + ": must be a number from "
                        + range(parameter) + ", in " + parameter.unit() + "; the default is "
                        + text(parameter.defaultValue()));
                return;
            }
            values.put(name, value);
        });
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        return values;
    }

    /** The parameter of a {@code <detector>.<parameter>} or a {@code diagnosis.<evidence>.<cause>}, or {@code null}. */
    static Parameter find(String name) {
        if (name.startsWith(DiagnosisWeights.PREFIX)) {
            String weight = name.substring(DiagnosisWeights.PREFIX.length());
            return DiagnosisWeights.parameters(Catalogue.entries()).stream()
                    .filter(parameter -> parameter.name().equals(weight))
                    .findFirst()
                    .orElse(null);
        }
        for (CatalogueEntry entry : Catalogue.entries()) {
            for (Parameter parameter : entry.parameters()) {
                if (name.equals(entry.id() + "." + parameter.name())) {
                    return parameter;
                }
            }
        }
        return null;
    }

    public static String range(Parameter parameter) {
        return text(parameter.min()) + " to " + text(parameter.max());
    }

    private static String known(String name) {
        if (name.startsWith(DiagnosisWeights.PREFIX)) {
            return "'gradwatch detectors --causes' lists the weights";
        }
        int dot = name.indexOf('.');
        String detector = dot < 0 ? name : name.substring(0, dot);
        for (CatalogueEntry entry : Catalogue.entries()) {
            if (entry.id().equals(detector)) {
                return detector + " has "
                        + entry.parameters().stream().map(Parameter::name).collect(Collectors.joining(", "));
            }
        }
        return "there is no detector '" + detector + "'; 'gradwatch detectors' lists them";
    }

    private static Double number(String text) {
        try {
            return Double.valueOf(text.strip());
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** A parameter's value as it may be typed: all its digits, without powers of ten. */
    public static String text(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }
}

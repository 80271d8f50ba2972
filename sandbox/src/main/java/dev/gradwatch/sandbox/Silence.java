package dev.gradwatch.sandbox;

import dev.gradwatch.detection.catalogue.Catalogue;
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.detector.run.SilentRunDetector;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes the watch over silent runs impatient: minutes are right for a fleet, and too long for somebody who looks on. */
final class Silence {

    private static final String DETECTOR = SilentRunDetector.ID;
    private static final double SECONDS = 10;

    private Silence() {}

    /** The detector's limits that are given in seconds, as configuration keys, at most {@value #SECONDS} seconds each. */
    static Map<String, String> shortened() {
        Map<String, String> values = new LinkedHashMap<>();
        Catalogue.entries().stream()
                .filter(entry -> entry.id().equals(DETECTOR))
                .flatMap(entry -> entry.parameters().stream())
                .filter(parameter ->
                        parameter.unit().equals("seconds") || parameter.unit().equals("s"))
                .forEach(parameter -> values.put("detectors." + DETECTOR + "." + parameter.name(), limit(parameter)));
        return values;
    }

    private static String limit(Parameter parameter) {
        return Double.toString(Math.max(parameter.min(), Math.min(parameter.defaultValue(), SECONDS)));
    }
}

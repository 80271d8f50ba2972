package dev.gradwatch.app.service.config;

import dev.gradwatch.app.service.config.ConfigLayers.Assigned;
import dev.gradwatch.app.service.config.KeyCatalogue.KnownKey;
import dev.gradwatch.detection.DetectionSettings;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Says of every value whether it can be used, in words for the person who wrote it. */
final class ValueChecks {

    private final Map<String, Assigned> assigned;
    private final List<String> problems;

    ValueChecks(Map<String, Assigned> assigned, List<String> problems) {
        this.assigned = assigned;
        this.problems = problems;
    }

    void checkAll() {
        KeyCatalogue.keys().forEach(this::check);
        checkKafkaProperties();
        checkDetectors();
    }

    /** The detector parameters that were set, by {@code <detector>.<parameter>}; values that are no numbers are reported and left out. */
    Map<String, Double> detectorParameters() {
        Map<String, Double> parameters = new TreeMap<>();
        assigned.forEach((key, value) -> {
            if (key.startsWith(KeyCatalogue.DETECTORS)) {
                try {
                    parameters.put(
                            key.substring(KeyCatalogue.DETECTORS.length()),
                            Double.valueOf(value.value().trim()));
                } catch (NumberFormatException e) {
                    problems.add(key + " = " + value.value() + " (" + value.source() + "): expected a number");
                }
            }
        });
        return parameters;
    }

    private void check(KnownKey key) {
        Assigned value = assigned.get(key.name());
        if (value == null) {
            return;
        }
        if (value.value().isBlank()) {
            if (key.defaultValue() != null) {
                problems.add(key.name() + " (" + value.source() + "): has no value; leave it out for the default, "
                        + key.defaultValue());
            }
            return;
        }
        List<String> parts = key.list() ? List.of(value.value().split(",", -1)) : List.of(value.value());
        for (String part : parts) {
            String objection = objection(key, part.trim());
            if (objection != null) {
                String shown = key.key().secret() ? SecretMask.HIDDEN : SecretMask.shown(value.value());
                problems.add(key.name() + " = " + shown + " (" + value.source() + "): " + objection);
                return;
            }
        }
    }

    private static String objection(KnownKey key, String text) {
        try {
            Comparable<?> value = parse(key.type(), text);
            Key rule = key.key();
            if (!rule.pattern().isEmpty() && !Pattern.matches(rule.pattern(), text)) {
                return "expected " + rule.patternDoc();
            }
            if (compare(value, key.type(), rule.min()) < 0 || compare(value, key.type(), rule.max()) > 0) {
                return "expected "
                        + (rule.max().isEmpty() ? rule.min() + " or more" : rule.min() + " to " + rule.max());
            }
            return null;
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    /** How the value stands to a bound; an empty bound is never broken. */
    @SuppressWarnings("unchecked") // Both sides were parsed for the same type.
    private static int compare(Comparable<?> value, Class<?> type, String bound) {
        return bound.isEmpty() ? 0 : ((Comparable<Object>) value).compareTo(parse(type, bound));
    }

    private static Comparable<?> parse(Class<?> type, String text) {
        if (type == int.class) {
            try {
                return Integer.valueOf(text);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("expected a whole number", e);
            }
        }
        if (type == double.class) {
            double value;
            try {
                value = Double.parseDouble(text);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("expected a number", e);
            }
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("expected a finite number");
            }
            return value;
        }
        if (type == boolean.class) {
            if (!text.equals("true") && !text.equals("false")) {
                throw new IllegalArgumentException("expected true or false");
            }
            return Boolean.valueOf(text);
        }
        if (type == Duration.class) {
            return DurationText.parse(text);
        }
        if (type == Path.class) {
            try {
                return Path.of(text);
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException("expected a path: " + e.getReason(), e);
            }
        }
        return text;
    }

    private void checkKafkaProperties() {
        assigned.forEach((key, value) -> {
            String group = KeyCatalogue.OPEN_GROUPS.get(0);
            if (key.startsWith(group)) {
                KafkaPassThrough.objection(key.substring(group.length()))
                        .ifPresent(objection -> problems.add(key + " (" + value.source() + "): " + objection));
            }
        });
    }

    private void checkDetectors() {
        List<String> before = new ArrayList<>(problems);
        Map<String, Double> parameters = detectorParameters();
        if (problems.size() > before.size()) {
            return;
        }
        try {
            DetectionSettings.of(parameters);
        } catch (IllegalArgumentException e) {
            e.getMessage().lines().forEach(line -> problems.add(KeyCatalogue.DETECTORS + line));
        }
    }
}

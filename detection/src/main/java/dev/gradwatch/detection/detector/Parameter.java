package dev.gradwatch.detection.detector;

/**
 * A setting of a detector.
 *
 * @param name kebab-case, unique in its detector; the configuration key is {@code detectors.<detector>.<name>}
 * @param defaultValue used unless configured
 * @param min smallest allowed value
 * @param max largest allowed value
 * @param unit such as steps, epochs, share; never {@code null}
 * @param doc what it does, and where the default comes from
 */
public record Parameter(String name, double defaultValue, double min, double max, String unit, String doc) {

    public Parameter {
        if (!(min <= defaultValue && defaultValue <= max)) {
            throw new IllegalArgumentException(name + ": default " + defaultValue + " is outside " + min + ".." + max);
        }
    }
}

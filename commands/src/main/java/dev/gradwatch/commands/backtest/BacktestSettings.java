package dev.gradwatch.commands.backtest;

import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.commands.options.ParameterOverrides;
import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.catalogue.Catalogue;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.diagnosis.DiagnosisWeights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The detectors' parameters of a backtest, and what they are compared with. Without a file they are the built-in ones: what is said of a
 * recorded run must not depend on the folder where somebody asks.
 */
final class BacktestSettings {

    private final String beforeName;
    private final DetectionSettings before;
    private final DetectionSettings after;

    private BacktestSettings(String beforeName, DetectionSettings before, DetectionSettings after) {
        this.beforeName = beforeName;
        this.before = before;
        this.after = after;
    }

    /**
     * @param configOrNull the configuration to start from
     * @param otherOrNull the configuration to compare with; {@code null}: the same
     * @param parameters what the command line sets over it
     * @throws IllegalArgumentException with everything that is wrong with the parameters
     * @throws dev.gradwatch.app.service.config.ConfigurationException when a file cannot be used
     */
    static BacktestSettings of(Path configOrNull, Path otherOrNull, Map<String, String> parameters) {
        Map<String, Double> set = ParameterOverrides.parse(parameters);
        String name = configOrNull == null ? "the built-in settings" : configOrNull.toString();
        return new BacktestSettings(
                name, load(configOrNull, Map.of()), load(otherOrNull == null ? configOrNull : otherOrNull, set));
    }

    /** With what was set. */
    RunWatch after() {
        return new RunWatch(after);
    }

    /** Without and with what was set. */
    List<RunWatch> beforeAndAfter() {
        return List.of(new RunWatch(before), after());
    }

    /** What the settings are compared with. */
    String comparedWith() {
        return "Compared with " + beforeName + (changes().isEmpty() ? ", which say the same." : ":");
    }

    /** Each parameter that differs, with both values. */
    List<String> changes() {
        List<String> changes = new ArrayList<>();
        for (CatalogueEntry entry : Catalogue.entries()) {
            for (Parameter parameter : entry.parameters()) {
                double was = before.detectors().get(entry.id(), parameter);
                double is = after.detectors().get(entry.id(), parameter);
                if (was != is) {
                    changes.add(entry.id() + "." + parameter.name() + " = " + ParameterOverrides.text(is)
                            + " instead of " + ParameterOverrides.text(was) + " (" + parameter.unit() + ")");
                }
            }
        }
        for (Parameter weight : DiagnosisWeights.parameters(Catalogue.entries())) {
            double was = before.diagnosis().get(weight);
            double is = after.diagnosis().get(weight);
            if (was != is) {
                changes.add(DiagnosisWeights.PREFIX + weight.name() + " = " + ParameterOverrides.text(is)
                        + " instead of " + ParameterOverrides.text(was) + " (" + weight.unit() + ")");
            }
        }
        return changes;
    }

    private static DetectionSettings load(Path fileOrNull, Map<String, Double> set) {
        if (fileOrNull == null) {
            return DetectionSettings.of(set);
        }
        Map<String, String> parameters = new TreeMap<>();
        Map<String, Double> weights = new TreeMap<>();
        set.forEach((key, value) -> {
            if (key.startsWith(DiagnosisWeights.PREFIX)) {
                weights.put(key, value);
            } else {
                parameters.put("detectors." + key, value.toString());
            }
        });
        return new DetectionSettings(
                GradwatchConfig.load(fileOrNull, parameters).detectors().detectors(),
                DetectionSettings.of(weights).diagnosis());
    }
}

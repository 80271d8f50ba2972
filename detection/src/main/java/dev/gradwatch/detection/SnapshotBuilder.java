package dev.gradwatch.detection;

import dev.gradwatch.detection.RunSnapshot.AlertSummary;
import dev.gradwatch.detection.RunSnapshot.Phase;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.catalogue.Catalogue;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.RequiredField;
import dev.gradwatch.detection.detector.SymptomTrait;
import dev.gradwatch.detection.state.RunProgress;
import dev.gradwatch.detection.state.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Reads a snapshot off a run's state. */
final class SnapshotBuilder {

    private SnapshotBuilder() {}

    static RunSnapshot of(RunState run) {
        RunProgress progress = run.progress();
        List<AlertSummary> open = run.alerts().open().stream()
                .map(alert -> new AlertSummary(
                        alert.last().id(),
                        alert.last().detector(),
                        alert.last().severity(),
                        alert.last().opened()))
                .toList();
        return new RunSnapshot(
                run.runId(),
                progress.attempt(),
                phase(run),
                run.registration(),
                run.position(),
                progress.lastTrainLoss(),
                progress.lastValidationLoss(),
                known(run.validation().best()),
                known(run.validation().bestEpoch()),
                progress.lastGradientNorm(),
                known(run.learningRate().current()),
                open,
                missing(run),
                progress.events(),
                progress.duplicates(),
                progress.stale(),
                run.ignored().lines(),
                run.alerts().heldBack(Severity.INFO) + run.alerts().heldBack(Severity.WARNING));
    }

    private static Phase phase(RunState run) {
        if (run.progress().isFinished()) {
            return Phase.FINISHED;
        }
        for (CatalogueEntry entry : Catalogue.entries()) {
            if (entry.has(SymptomTrait.SILENCE) && run.alerts().open(entry.id()) != null) {
                return Phase.SILENT;
            }
        }
        return run.progress().records() == 0 ? Phase.REGISTERED : Phase.TRAINING;
    }

    private static List<String> missing(RunState run) {
        List<String> missing = new ArrayList<>();
        if (run.progress().records() == 0) {
            return missing;
        }
        for (RequiredField field : RequiredField.values()) {
            if (field.isMissing(run)) {
                missing.add(Catalogue.entries().stream()
                        .filter(entry -> entry.requiredFields().contains(field))
                        .map(CatalogueEntry::id)
                        .collect(Collectors.joining(", ", field.fields() + ": ", "")));
            }
        }
        return missing;
    }

    private static Double known(double value) {
        return Double.isNaN(value) ? null : (Double) value;
    }
}

package dev.gradwatch.detection;

import dev.gradwatch.detection.RunSnapshot.AlertSummary;
import dev.gradwatch.detection.RunSnapshot.Phase;
import dev.gradwatch.detection.state.RunProgress;
import dev.gradwatch.detection.state.RunState;
import java.util.ArrayList;
import java.util.List;

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
                progress.stale());
    }

    private static Phase phase(RunState run) {
        if (run.progress().isFinished()) {
            return Phase.FINISHED;
        }
        if (run.alerts().open("silent-run") != null) {
            return Phase.SILENT;
        }
        return run.progress().records() == 0 ? Phase.REGISTERED : Phase.TRAINING;
    }

    private static List<String> missing(RunState run) {
        List<String> missing = new ArrayList<>();
        if (run.progress().records() == 0) {
            return missing;
        }
        if (run.norm().count() == 0) {
            missing.add("gradient_norm: zero-gradients, exploding-gradients, vanishing-gradients");
        }
        if (run.layers().size() == 0) {
            missing.add("layers: dead-layers, frozen-updates, oversized-updates");
        } else if (Double.isNaN(run.layers().largestUpdateRatio())) {
            missing.add("layers.update_norm: frozen-updates, oversized-updates");
        }
        if (run.validation().evaluations() == 0) {
            missing.add("validation_loss: overfitting, no-generalization, metric-plateau, validation-mismatch");
        }
        if (Double.isNaN(run.chanceLoss())) {
            missing.add("classes and loss: unexpected-initial-loss, majority-class-collapse");
        } else if (run.epochs().count() > 0 && run.epochs().trainAccuracy().isEmpty()) {
            missing.add("train_accuracy: majority-class-collapse");
        }
        if (run.registration() == null
                || (run.registration().plannedEpochs() == null
                        && run.registration().plannedSteps() == null)) {
            missing.add("planned_epochs or planned_steps: patience of loss-plateau and slow-convergence");
        }
        return missing;
    }

    private static Double known(double value) {
        return Double.isNaN(value) ? null : (Double) value;
    }
}

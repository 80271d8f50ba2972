package dev.gradwatch.detection.diagnosis;

import dev.gradwatch.detection.state.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Optional fields that were not published and would sharpen a diagnosis, each with what it would tell. */
final class MissingEvidence {

    private static final Set<String> OF_THE_WEIGHTS = Set.of(
            "loss-plateau",
            "slow-convergence",
            "constant-metrics",
            "zero-gradients",
            "vanishing-gradients",
            "exploding-gradients",
            "loss-divergence",
            "oscillating-loss",
            "non-finite-values");

    private static final Set<String> OF_THE_START = Set.of(
            "loss-plateau",
            "slow-convergence",
            "constant-metrics",
            "zero-gradients",
            "loss-divergence",
            "no-generalization");

    private static final Set<String> OF_THE_DATA = Set.of("overfitting", "no-generalization", "metric-plateau");

    private MissingEvidence() {}

    static List<String> of(RunState run, String detector) {
        List<String> missing = new ArrayList<>();
        if (OF_THE_WEIGHTS.contains(detector)) {
            if (run.layers().size() == 0) {
                missing.add("per-layer norms (would tell dead layers and saturation apart)");
            } else if (Double.isNaN(run.layers().largestUpdateRatio())) {
                missing.add("update norms (would tell a frozen optimizer apart)");
            }
            if (Double.isNaN(run.learningRate().current())
                    && (run.registration() == null || run.registration().learningRate() == null)) {
                missing.add("learning rate (would tell whether it is out of the usual range)");
            }
        }
        if (OF_THE_START.contains(detector) && Double.isNaN(run.chanceLoss())) {
            missing.add("loss and number of classes (would tell whether the first loss is plausible)");
        }
        if (OF_THE_DATA.contains(detector)) {
            if (Double.isNaN(run.validation().bestAccuracy())) {
                missing.add("validation accuracy (would tell whether the model grows worse or only overconfident)");
            }
            if (run.registration() == null
                    || run.registration().batchSize() == null
                    || run.registration().stepsPerEpoch() == null) {
                missing.add("batch size and steps per epoch (would tell how much data there is)");
            }
        }
        return missing;
    }
}

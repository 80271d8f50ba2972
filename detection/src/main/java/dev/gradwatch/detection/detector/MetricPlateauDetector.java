package dev.gradwatch.detection.detector;

import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.state.Moment;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.state.ValidationCurve;
import dev.gradwatch.detection.statistics.Blocks;
import dev.gradwatch.detection.statistics.Hold;
import java.util.List;
import java.util.Set;

/**
 * The validation loss stands still while the training loss still falls: from here on the run costs hours and gains nothing that counts.
 *
 * <p>Rule, a note: over the newest 45 % of the evaluations (5 blocks at least) the validation loss fell by less than 1 %, with its error, and rose by no
 * more, while the training loss has fallen by 2 % since the best evaluation. Held while the evaluations grow by 30 %.
 *
 * <p>Source: the criterion of early stopping (Prechelt 1998) with a window that grows with the run. Never a warning: whether a standing
 * validation loss is a fault, only the validation curve's later course tells; then {@code overfitting} or {@code no-generalization} says so.
 */
final class MetricPlateauDetector implements Detector {

    static final String ID = "metric-plateau";

    private static final Parameter FLAT = new Parameter(
            "flat", 0.01, 0.0001, 0.5, "share of the level", "A change below this over the window is standing still.");
    private static final Parameter SHARE =
            new Parameter("share", 0.45, 0.1, 0.9, "share of the evaluations", "The window.");
    private static final Parameter LEAST_EVALUATIONS = new Parameter(
            "least-evaluations", 12, 6, 10_000, "evaluations", "Evaluations before standing still can be told.");

    static final CatalogueEntry ENTRY = new CatalogueEntry(
                    ID,
                    "Metric plateau",
                    "The validation loss stands still while the training loss still falls.",
                    Set.of(Severity.INFO),
                    Set.of(
                            NonFiniteValuesDetector.ID,
                            LossDivergenceDetector.ID,
                            LossPlateauDetector.ID,
                            OverfittingDetector.ID,
                            NoGeneralizationDetector.ID,
                            MajorityClassCollapseDetector.ID),
                    List.of(FLAT, SHARE, LEAST_EVALUATIONS))
            .onTrend();

    private static final Hold HOLD = new Hold(0.3, 3);
    private static final double TRAIN_FELL = 0.02;

    private final double flat;
    private final double share;
    private final double leastEvaluations;

    MetricPlateauDetector(DetectorSettings settings) {
        flat = settings.get(ID, FLAT);
        share = settings.get(ID, SHARE);
        leastEvaluations = settings.get(ID, LEAST_EVALUATIONS);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return Hold.SLOTS;
    }

    @Override
    public void examine(RunState run, Moment now, double[] memory, Verdict verdict) {
        ValidationCurve validation = run.validation();
        Blocks blocks = validation.blocks();
        if (!now.validationLossArrived() || validation.evaluations() < leastEvaluations || blocks.size() < 5) {
            return;
        }
        int window = Math.max(5, (int) (share * blocks.size()));
        int half = window / 2;
        int n = blocks.size();
        double level = Math.abs(blocks.mean(n - half, n)) + 1e-12;
        double change = 2 * (blocks.mean(n - window, n - window + half) - blocks.mean(n - half, n));
        double error = 2 * blocks.noiseAroundTrend(window) * Math.sqrt(2.0 / half);
        double before = validation.trainAtBest();
        double train = run.trainLevelForValidation();
        boolean stands = Math.abs(change) + error < flat * level && train < before - TRAIN_FELL * Math.abs(before);
        if (HOLD.look(memory, 0, stands, Math.abs(change) < 2 * flat * level, validation.evaluations())
                && verdict.notes()) {
            double last = blocks.mean(n - half, n);
            verdict.say(Words.of("The validation loss has stood at " + Words.number(last) + " for "
                            + Words.percent(share) + " of the run while the training loss still falls; its best was "
                            + Words.number(validation.best())
                            + (Double.isNaN(validation.bestEpoch())
                                    ? "."
                                    : " at epoch " + Words.number(validation.bestEpoch()) + "."))
                    .with("observed", change, "loss")
                    .with("threshold", flat * level, "loss")
                    .with("window", window, "blocks")
                    .with("best", validation.best(), "loss"));
        }
    }
}

package dev.gradwatch.detection.detector.update;

import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.detector.AlertMessage;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.Detector;
import dev.gradwatch.detection.detector.DetectorSettings;
import dev.gradwatch.detection.detector.FaultEffect;
import dev.gradwatch.detection.detector.FindingReporter;
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.detector.RequiredField;
import dev.gradwatch.detection.detector.Subject;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;

/**
 * Gradients are alive, and the weights do not move.
 *
 * <p>Rule: the largest update norm over weight norm of all layers is below 1e-6 in 20 steps in a row while the gradient norm is above 1e-9. A
 * warning; critical when it still holds in the fourth epoch. Silent while the learning rate rises (warm-up) and below 1 % of its peak
 * (annealed). Needs update and weight norms.
 *
 * <p>Source: SageMaker Debugger's WeightUpdateRatio; healthy ratios are about 1e-3. Known false alarms: none seen.
 */
public final class FrozenUpdatesDetector implements Detector {

    public static final String ID = "frozen-updates";

    private static final Parameter RATIO =
            new Parameter("ratio", 1e-6, 0, 1, "x the weights", "Updates below this move nothing.");
    private static final Parameter STEPS =
            new Parameter("steps", 20, 2, 100_000, "steps", "Steps in a row before it fires.");
    private static final Parameter CRITICAL_EPOCHS =
            new Parameter("critical-epochs", 3, 0, 10_000, "epochs", "Epochs after which it is critical.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Frozen updates")
            .summary(
                    "Gradients are alive, but the optimizer changes the weights by less than a millionth of their size.")
            .severities(Severity.WARNING, Severity.CRITICAL)
            .about(Subject.WEIGHTS)
            .suggests(CauseCode.LEARNING_RATE_TOO_LOW, 0.5)
            .suggests(CauseCode.OPTIMIZER_NOT_STEPPING, 0.3)
            .needs(RequiredField.LAYERS, RequiredField.UPDATE_NORM)
            .mayRecommendStop()
            .parameters(RATIO, STEPS, CRITICAL_EPOCHS)
            .affecting(FaultEffect.of(FaultEffect.Kind.HINDERS_LEARNING))
            .build();

    /** Slot of the memory: steps in a row with frozen updates. */
    private static final int RUN = 0;

    /**
     * Gradient norm above which there is something to learn: far above rounding errors, far below any norm of a run
     * that trains.
     */
    private static final double ALIVE = 1e-9;

    /**
     * Share of the peak learning rate. Below it a schedule has stopped the updates on purpose. Set by eye on
     * recorded runs.
     */
    private static final double ANNEALED = 0.01;

    private final double ratio;
    private final double steps;
    private final double criticalEpochs;

    public FrozenUpdatesDetector(DetectorSettings settings) {
        ratio = settings.get(ID, RATIO);
        steps = settings.get(ID, STEPS);
        criticalEpochs = settings.get(ID, CRITICAL_EPOCHS);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return 1;
    }

    @Override
    public void examine(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        if (now.layers().isEmpty()) {
            return;
        }
        double largest = run.layers().largestUpdateRatio();
        boolean frozen = largest < ratio
                && run.norm().latest() > ALIVE
                && !run.learningRate().rising();
        memory[RUN] = frozen ? memory[RUN] + 1 : 0;
        if (memory[RUN] == 0) {
            reporter.clears();
        } else if (memory[RUN] >= steps && !run.learningRate().annealedBelow(ANNEALED)) {
            Double epoch = run.progress().epoch();
            boolean late = epoch != null && epoch >= criticalEpochs;
            if (reporter.fires(late ? Severity.CRITICAL : Severity.WARNING)) {
                reporter.report(
                        AlertMessage.of("The weights stand still: the largest update is " + NumberText.number(largest)
                                        + " of its weights, while the gradient norm is "
                                        + NumberText.number(run.norm().latest())
                                        + ".")
                                .with("observed", largest, null)
                                .with("threshold", ratio, null)
                                .with("window", memory[RUN], "steps")
                                .with("gradient-norm", run.norm().latest(), "gradient norm"));
            }
        }
    }
}

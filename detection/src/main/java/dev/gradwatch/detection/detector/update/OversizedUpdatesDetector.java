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
 * Every step changes a layer by a tenth of its weights or more.
 *
 * <p>Rule, a note: in more than half of the steps of an epoch with layers (20 steps at least; of 100 steps where no epoch is known), the first
 * epoch left out, some layer's update is above 0.1 of its weights. Silent in warm-up. Source: the rule of thumb that updates should be about a thousandth of
 * the weights. Needs weight and update norms.
 *
 * <p>Known false alarms: small layers that begin at zero, such as biases on their own; they grow within the first epoch.
 */
public final class OversizedUpdatesDetector implements Detector {

    public static final String ID = "oversized-updates";

    private static final Parameter RATIO =
            new Parameter("ratio", 0.1, 1e-4, 10, "x the weights", "An update above this is oversized.");
    private static final Parameter LEAST_STEPS =
            new Parameter("least-steps", 20, 2, 1e6, "steps", "Steps with layers that an epoch must have.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Oversized updates")
            .summary("In most steps of an epoch the optimizer changes a layer by more than a tenth of its weights.")
            .severities(Severity.INFO)
            .about(Subject.WEIGHTS)
            .suggests(CauseCode.LEARNING_RATE_TOO_HIGH, 0.6)
            .needs(RequiredField.LAYERS, RequiredField.UPDATE_NORM)
            .parameters(RATIO, LEAST_STEPS)
            .affecting(FaultEffect.of(FaultEffect.Kind.MAY_PASS))
            .build();

    /** Slots of the memory: steps and large ones of this epoch, the epoch, and epochs done. */
    private static final int STEPS = 0;

    private static final int LARGE = 1;
    private static final int EPOCH = 2;
    private static final int EPOCHS_DONE = 3;
    private static final int SLOTS = 4;

    /** Steps that stand for an epoch where none is named. Set by eye on recorded runs. */
    private static final int STEPS_WITHOUT_EPOCHS = 100;

    private final double ratio;
    private final double leastSteps;

    public OversizedUpdatesDetector(DetectorSettings settings) {
        ratio = settings.get(ID, RATIO);
        leastSteps = settings.get(ID, LEAST_STEPS);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return SLOTS;
    }

    @Override
    public void examine(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        if (now.layers().isEmpty() || run.learningRate().rising()) {
            return;
        }
        double largest = run.layers().largestUpdateRatio();
        if (Double.isNaN(largest)) {
            return;
        }
        Double epoch = run.progress().epoch();
        boolean over = epoch == null ? memory[STEPS] >= STEPS_WITHOUT_EPOCHS : Math.floor(epoch) > memory[EPOCH];
        if (over) {
            judge(memory, largest, reporter);
            memory[EPOCHS_DONE]++;
            memory[STEPS] = 0;
            memory[LARGE] = 0;
            memory[EPOCH] = epoch == null ? 0 : Math.floor(epoch);
        }
        memory[STEPS]++;
        memory[LARGE] += largest > ratio ? 1 : 0;
    }

    private void judge(double[] memory, double largest, FindingReporter reporter) {
        boolean most = memory[STEPS] >= leastSteps && memory[LARGE] > memory[STEPS] / 2;
        if (memory[EPOCHS_DONE] > 0 && most && reporter.notes()) {
            reporter.report(AlertMessage.of("In " + NumberText.percent(memory[LARGE] / memory[STEPS])
                            + " of the last epoch's steps a layer changed by more than " + NumberText.percent(ratio)
                            + " of its weights: large steps that often undo each other.")
                    .with("observed", memory[LARGE] / memory[STEPS], null)
                    .with("threshold", ratio, null)
                    .with("window", memory[STEPS], "steps")
                    .with("latest", largest, null));
        }
    }
}

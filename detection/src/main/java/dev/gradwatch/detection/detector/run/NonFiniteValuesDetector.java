package dev.gradwatch.detection.detector.run;

import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.detector.AlertMessage;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.Detector;
import dev.gradwatch.detection.detector.DetectorSettings;
import dev.gradwatch.detection.detector.FaultEffect;
import dev.gradwatch.detection.detector.FindingReporter;
import dev.gradwatch.detection.detector.HelpfulEvidence;
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.detector.Subject;
import dev.gradwatch.detection.detector.SymptomTrait;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import java.util.List;

/**
 * NaN or infinity.
 *
 * <p>A loss that is not finite is the end of most runs: critical at once. A gradient norm, global or of a layer, that is not finite while the loss is
 * finite may be loss scaling at work, which skips such a step and trains on: the first is a note, the second a warning, five steps running are critical. Where
 * the run is registered as computing in half precision, single steps stay a note.
 *
 * <p>Persistence: none; over when a tenth of the run (20 records at least) is clean. Known false alarms: a metric that is undefined by design
 * and logged as NaN.
 */
public final class NonFiniteValuesDetector implements Detector {

    public static final String ID = "non-finite-values";

    private static final Parameter CLEAN_SHARE = new Parameter(
            "clean-share", 0.1, 0.001, 1, "share of the run", "How long values must be finite before it is over.");
    private static final Parameter CLEAN_RECORDS =
            new Parameter("clean-records", 20, 1, 100_000, "records", "The least of these records.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Non-finite values")
            .summary(
                    "A loss or a gradient norm is NaN or infinite. An isolated norm with a finite loss is a note: loss scaling does that.")
            .severities(Severity.INFO, Severity.WARNING, Severity.CRITICAL)
            .about(Subject.WEIGHTS, SymptomTrait.NON_FINITE, SymptomTrait.GRADIENT_SCALE)
            .suggests(
                    CauseCode.MIXED_PRECISION_OVERFLOW,
                    0.5,
                    "the newest training loss is finite",
                    NonFiniteValuesDetector::hasFiniteLoss)
            .suggests(CauseCode.LEARNING_RATE_TOO_HIGH, 0.45)
            .suggests(CauseCode.UNSTABLE_GRADIENTS, 0.3)
            .suggests(CauseCode.CORRUPT_BATCH, 0.1)
            .helpedBy(HelpfulEvidence.LAYER_NORMS, HelpfulEvidence.UPDATE_NORMS, HelpfulEvidence.LEARNING_RATE)
            .mayRecommendStop()
            .diagnosedOnce()
            .parameters(CLEAN_SHARE, CLEAN_RECORDS)
            .affecting(FaultEffect.of(FaultEffect.Kind.DAMAGES_WEIGHTS_WITH_THE_LOSS))
            .build();

    /** Slots of the memory: the record of the newest bad value, bad norms in all, and in a row. */
    private static final int LAST_BAD = 0;

    private static final int BAD_NORMS = 1;
    private static final int BAD_IN_A_ROW = 2;
    private static final int SLOTS = 3;

    /**
     * Steps in a row that are lost to an overflow: loss scaling recovers within two or three. Set by eye on recorded
     * runs.
     */
    private static final int LOST_STEPS = 5;

    /** Bad norms that are a repetition: the second one. */
    private static final int AGAIN = 2;

    private final double cleanShare;
    private final double cleanRecords;

    public NonFiniteValuesDetector(DetectorSettings settings) {
        cleanShare = settings.get(ID, CLEAN_SHARE);
        cleanRecords = settings.get(ID, CLEAN_RECORDS);
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
        if (!now.isTraining()) {
            return;
        }
        long n = run.progress().records();
        if (!lossIsFinite(now, reporter)) {
            memory[LAST_BAD] = n;
        } else if (examineNorms(run, now, memory, reporter)) {
            memory[LAST_BAD] = n;
        }
        if (memory[LAST_BAD] > 0 && n - memory[LAST_BAD] > Math.max(cleanRecords, cleanShare * n)) {
            memory[LAST_BAD] = 0;
            reporter.clears();
        }
    }

    /** Whether a norm is not finite, of a step or an epoch whose loss is. */
    private static boolean examineNorms(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        Double norm =
                now.step() != null ? now.step().gradientNorm() : now.epoch().gradientNorm();
        int layer = firstBadLayer(now.layers());
        if (layer < 0 && (norm == null || Double.isFinite(norm))) {
            memory[BAD_IN_A_ROW] = norm == null ? memory[BAD_IN_A_ROW] : 0;
            return false;
        }
        memory[BAD_NORMS]++;
        memory[BAD_IN_A_ROW]++;
        double bad = layer < 0 ? norm : now.layers().get(layer).gradientNorm();
        if (announces(run, memory, reporter)) {
            String where = layer < 0
                    ? "gradient norm"
                    : "gradient of layer " + now.layers().get(layer).name();
            reporter.report(AlertMessage.of("The " + where + " is " + NumberText.number(bad)
                            + (layer < 0 ? "" : ", the first layer where it is")
                            + often(memory)
                            + "; the loss is finite.")
                    .with("observed", bad, "gradient norm")
                    .with("times", memory[BAD_NORMS], "steps")
                    .with("window", memory[BAD_IN_A_ROW], "steps"));
        }
        return true;
    }

    private static String often(double[] memory) {
        if (memory[BAD_IN_A_ROW] >= AGAIN) {
            return ", in " + NumberText.number(memory[BAD_IN_A_ROW]) + " steps running";
        }
        return memory[BAD_NORMS] >= AGAIN ? ", for the " + NumberText.ordinal((long) memory[BAD_NORMS]) + " time" : "";
    }

    private static boolean announces(RunState run, double[] memory, FindingReporter reporter) {
        if (memory[BAD_IN_A_ROW] >= LOST_STEPS) {
            return reporter.fires(Severity.CRITICAL);
        }
        boolean expected = run.registration() != null && run.registration().isHalfPrecision();
        return (memory[BAD_NORMS] >= AGAIN && !expected) ? reporter.fires(Severity.WARNING) : reporter.notes();
    }

    private static int firstBadLayer(List<LayerNorms> layers) {
        for (int i = 0; i < layers.size(); i++) {
            Double norm = layers.get(i).gradientNorm();
            if (norm != null && !Double.isFinite(norm)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean lossIsFinite(Observation now, FindingReporter reporter) {
        if (now.step() != null) {
            return isFinite("training loss", now.step().loss(), reporter);
        }
        // Both are looked at, so that the alert names the training loss first.
        return isFinite("training loss", now.epoch().trainLoss(), reporter)
                && isFinite("validation loss", now.epoch().validationLoss(), reporter);
    }

    private static boolean isFinite(String what, Double value, FindingReporter reporter) {
        if (value == null || Double.isFinite(value)) {
            return true;
        }
        if (reporter.fires(Severity.CRITICAL)) {
            reporter.report(AlertMessage.of("The " + what + " is " + NumberText.number(value)
                            + ": nothing after this step is worth anything.")
                    .with("observed", value, "loss"));
        }
        return false;
    }

    private static boolean hasFiniteLoss(RunState run) {
        Double loss = run.progress().lastTrainLoss();
        return loss != null && Double.isFinite(loss);
    }
}

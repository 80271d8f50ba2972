package dev.gradwatch.detection.detector;

import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.state.Moment;
import dev.gradwatch.detection.state.RunState;
import java.util.List;
import java.util.Set;

/**
 * NaN or infinity.
 *
 * <p>A loss or a layer's norm that is not finite is the end of most runs: critical at once. A global norm that is not finite while the loss is
 * finite may be loss scaling at work (mixed precision skips such a step): the first is a note, the second a warning.
 *
 * <p>Persistence: none; over when a tenth of the run (20 records at least) is clean. Known false alarms: a metric that is undefined by design
 * and logged as NaN.
 */
final class NonFiniteValuesDetector implements Detector {

    static final String ID = "non-finite-values";

    private static final Parameter CLEAN_SHARE = new Parameter(
            "clean-share", 0.1, 0.001, 1, "share of the run", "How long values must be finite before it is over.");
    private static final Parameter CLEAN_RECORDS =
            new Parameter("clean-records", 20, 1, 100_000, "records", "The least of these records.");

    static final CatalogueEntry ENTRY = new CatalogueEntry(
            ID,
            "Non-finite values",
            "A loss or a gradient norm is NaN or infinite. An isolated norm with a finite loss is a note: loss scaling does that.",
            Set.of(Severity.INFO, Severity.WARNING, Severity.CRITICAL),
            Set.of(),
            List.of(CLEAN_SHARE, CLEAN_RECORDS));

    private static final int LAST_BAD = 0;
    private static final int BAD_NORMS = 1;

    private final double cleanShare;
    private final double cleanRecords;

    NonFiniteValuesDetector(DetectorSettings settings) {
        cleanShare = settings.get(ID, CLEAN_SHARE);
        cleanRecords = settings.get(ID, CLEAN_RECORDS);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return 2;
    }

    @Override
    public void examine(RunState run, Moment now, double[] memory, Verdict verdict) {
        if (!now.isTraining()) {
            return;
        }
        long n = run.progress().records();
        if (!lossIsFinite(now, verdict) || !layersAreFinite(now, verdict)) {
            memory[LAST_BAD] = n;
        }
        Double norm =
                now.step() != null ? now.step().gradientNorm() : now.epoch().gradientNorm();
        if (norm != null && !Double.isFinite(norm)) {
            memory[LAST_BAD] = n;
            memory[BAD_NORMS]++;
            normIsNotFinite(norm, memory[BAD_NORMS], verdict);
        }
        if (memory[LAST_BAD] > 0 && n - memory[LAST_BAD] > Math.max(cleanRecords, cleanShare * n)) {
            memory[LAST_BAD] = 0;
            verdict.clears();
        }
    }

    private static boolean lossIsFinite(Moment now, Verdict verdict) {
        if (now.step() != null) {
            return isFinite("training loss", now.step().loss(), verdict);
        }
        // Both are looked at, so that the alert names the training loss first.
        return isFinite("training loss", now.epoch().trainLoss(), verdict)
                && isFinite("validation loss", now.epoch().validationLoss(), verdict);
    }

    private static boolean isFinite(String what, Double value, Verdict verdict) {
        if (value == null || Double.isFinite(value)) {
            return true;
        }
        if (verdict.fires(Severity.CRITICAL)) {
            verdict.say(Words.of("The " + what + " is " + Words.number(value)
                            + ": nothing after this step is worth anything.")
                    .with("observed", value, "loss"));
        }
        return false;
    }

    private static boolean layersAreFinite(Moment now, Verdict verdict) {
        List<LayerNorms> layers = now.layers();
        for (int i = 0; i < layers.size(); i++) {
            Double norm = layers.get(i).gradientNorm();
            if (norm != null && !Double.isFinite(norm)) {
                if (verdict.fires(Severity.CRITICAL)) {
                    Double loss = now.step().loss();
                    String stillFinite = loss != null && Double.isFinite(loss) ? "; the loss is still finite" : "";
                    verdict.say(
                            Words.of("The gradient of layer " + layers.get(i).name() + " is " + Words.number(norm)
                                            + ", the first layer where it is" + stillFinite + ".")
                                    .with("observed", norm, "gradient norm")
                                    .with("layer-index", i, null));
                }
                return false;
            }
        }
        return true;
    }

    private static void normIsNotFinite(double norm, double count, Verdict verdict) {
        boolean said = count >= 2 ? verdict.fires(Severity.WARNING) : verdict.notes();
        if (said) {
            String often =
                    count >= 2 ? " for the " + (count == 2 ? "second" : Words.number(count) + "th") + " time" : "";
            verdict.say(Words.of("The gradient norm is " + Words.number(norm) + often + " while the loss is finite.")
                    .with("observed", norm, "gradient norm")
                    .with("times", count, "steps"));
        }
    }
}

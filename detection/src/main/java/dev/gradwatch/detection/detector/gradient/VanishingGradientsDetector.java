package dev.gradwatch.detection.detector.gradient;

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
import dev.gradwatch.detection.detector.RequiredField;
import dev.gradwatch.detection.detector.Subject;
import dev.gradwatch.detection.detector.SymptomTrait;
import dev.gradwatch.detection.state.Layer;
import dev.gradwatch.detection.state.NormCurve;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.statistics.Persistence;

/**
 * Gradients that die out on their way to the input, or altogether.
 *
 * <p>With layers: the first layer's smoothed norm is below a thousandth of the largest layer's, three layers or more, and half of it at least is not exactly zero: a note, and a
 * warning from the third epoch on while the loss has improved by less than 10 %. Without layers: the median norm has fallen to a hundredth of
 * its start while the loss has gained less than 5 %, held while the run grows by 15 %.
 *
 * <p>Source: SageMaker Debugger's VanishingGradient and AUTOTRAINER's first-to-last ratio, under AUTOTRAINER's gate: a gradient symptom is a
 * fault only while the run is not learning. Known false alarms: none seen where the loss improves; networks with one hidden layer do not vanish.
 */
public final class VanishingGradientsDetector implements Detector {

    public static final String ID = "vanishing-gradients";

    private static final Parameter LAYER_RATIO = new Parameter(
            "layer-ratio",
            1e-3,
            1e-9,
            1,
            "x the largest layer",
            "A first layer with less gradient than this vanishes.");
    private static final Parameter LEARNS = new Parameter(
            "learns", 0.1, 0, 1, "share of the start loss", "A run that has improved by this much is not accused.");
    private static final Parameter EPOCHS =
            new Parameter("epochs", 3, 0, 10_000, "epochs", "Epochs before vanishing layers are a warning.");
    private static final Parameter FALL = new Parameter(
            "fall", 0.01, 1e-9, 1, "x the first norms", "A global norm below this share of its start has vanished.");
    private static final Parameter GAIN = new Parameter(
            "gain",
            0.05,
            0,
            1,
            "share of the start loss",
            "A loss that gained this much may leave a small global norm behind.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Vanishing gradients")
            .summary(
                    "The first layers get almost no gradient, or the global norm has died out, while the loss does not improve.")
            .severities(Severity.INFO, Severity.WARNING)
            .onTrend()
            .about(Subject.WEIGHTS, SymptomTrait.GRADIENT_SCALE)
            .suggests(CauseCode.SATURATING_ACTIVATIONS, 0.7)
            .helpedBy(HelpfulEvidence.LAYER_NORMS, HelpfulEvidence.UPDATE_NORMS, HelpfulEvidence.LEARNING_RATE)
            .needs(RequiredField.GRADIENT_NORM)
            .parameters(LAYER_RATIO, LEARNS, EPOCHS, FALL, GAIN)
            .affecting(FaultEffect.of(FaultEffect.Kind.DAMAGES_WEIGHTS))
            .build();

    private static final Persistence GLOBAL = new Persistence(0.15, 5);
    private static final Persistence LAYERS = new Persistence(0.15, 20);

    /** Where each persistence has its slots in the memory. */
    private static final int GLOBAL_AT = 0;

    private static final int LAYERS_AT = Persistence.SLOTS;

    /** Steps before a median of norms can have fallen: two windows of norms (21) do not overlap then. */
    private static final int MIN_NORMS = 40;

    /** Layers; with fewer there is no way along which a gradient could fade. */
    private static final int MIN_LAYERS = 3;

    /**
     * Share of a layer's gradient that is exactly zero. Above one half its units died, and the gradient did not
     * fade. Set by eye on recorded runs.
     */
    private static final double DYING = 0.5;

    private final double layerRatio;
    private final double learns;
    private final double epochs;
    private final double fall;
    private final double gain;

    public VanishingGradientsDetector(DetectorSettings settings) {
        layerRatio = settings.get(ID, LAYER_RATIO);
        learns = settings.get(ID, LEARNS);
        epochs = settings.get(ID, EPOCHS);
        fall = settings.get(ID, FALL);
        gain = settings.get(ID, GAIN);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return 2 * Persistence.SLOTS;
    }

    @Override
    public void examine(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        if (!now.normArrived() && now.layers().isEmpty()) {
            return;
        }
        if (run.layers().size() >= MIN_LAYERS) {
            examineLayers(run, memory, reporter);
        } else if (now.normArrived()) {
            examineGlobalNorm(run, memory, reporter);
        }
    }

    private void examineLayers(RunState run, double[] memory, FindingReporter reporter) {
        double ratio = run.layers().firstToLargest();
        // A gradient that is zero in most places died in the units, it did not fade on its way.
        boolean vanishes =
                ratio > 0 && ratio < layerRatio && !(run.layers().get(0).zeroFraction() > DYING);
        boolean held = LAYERS.update(
                memory,
                LAYERS_AT,
                vanishes,
                ratio < 3 * layerRatio,
                run.progress().records());
        if (!held) {
            reporter.clears();
            return;
        }
        Double epoch = run.progress().epoch();
        boolean stuck = epoch != null && epoch >= epochs && run.learned() < learns;
        if (stuck ? reporter.fires(Severity.WARNING) : reporter.notes()) {
            Layer first = run.layers().get(0);
            reporter.report(AlertMessage.of("The first layer's gradient is " + NumberText.number(ratio)
                            + " of the largest layer's" + (stuck ? ", and the loss has hardly moved." : "."))
                    .with("observed", ratio, null)
                    .with("threshold", layerRatio, null)
                    .with("first-layer-norm", first.norm(), "gradient norm")
                    .with("improvement", run.learned(), null));
        }
    }

    private void examineGlobalNorm(RunState run, double[] memory, FindingReporter reporter) {
        NormCurve norm = run.norm();
        double level = norm.baseline();
        double start = run.loss().start();
        boolean still = start - run.loss().level() < gain * Math.abs(start);
        boolean vanished = norm.count() > MIN_NORMS && level > 0 && level <= fall * norm.early() && still;
        if (GLOBAL.update(memory, GLOBAL_AT, vanished, false, norm.count())) {
            if (reporter.fires(Severity.WARNING)) {
                reporter.report(AlertMessage.of("The gradient norm fell from " + NumberText.number(norm.early())
                                + " to " + NumberText.number(level) + " while the loss stayed where it was.")
                        .with("observed", level, "gradient norm")
                        .with("threshold", fall * norm.early(), "gradient norm")
                        .with("improvement", run.loss().improvement(), null));
            }
        } else {
            reporter.clears();
        }
    }
}

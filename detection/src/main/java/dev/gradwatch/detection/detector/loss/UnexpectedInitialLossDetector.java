package dev.gradwatch.detection.detector.loss;

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
import dev.gradwatch.detection.detector.SymptomTrait;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.statistics.Entropy;

/**
 * The first loss is not what an untrained classifier starts with.
 *
 * <p>Rule: for a cross-entropy over K registered classes, not resumed or pre-trained, the median of the first three losses is above 3 ln K
 * and the first above 2 ln K (scaling); or, from three classes on, within 15 % of the binary entropy of 1/K and under 0.75 ln K (a binary
 * loss on several classes). Judged once, at the third loss. Needs classes and loss.
 *
 * <p>Source: the entropy of a uniform guess; widely used as a sanity check before training. Known false alarms: weights from elsewhere that
 * are not registered as such.
 */
public final class UnexpectedInitialLossDetector implements Detector {

    public static final String ID = "unexpected-initial-loss";

    private static final Parameter HIGH = new Parameter(
            "high", 3, 1, 1000, "x ln(classes)", "A start loss above this points to the scale of the inputs.");
    private static final Parameter BINARY = new Parameter(
            "binary", 0.15, 0, 1, "share", "How near the binary entropy of 1/K counts as a binary loss on K classes.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Unexpected initial loss")
            .summary("The first loss is far from what an untrained classifier of that many classes starts with.")
            .severities(Severity.WARNING)
            .about(Subject.LEARNING, SymptomTrait.OUTPUT_MISMATCH_POSSIBLE)
            .suggests(
                    CauseCode.WRONG_LOSS_OR_OUTPUT_ACTIVATION,
                    0.9,
                    "the first loss is below that of guessing",
                    UnexpectedInitialLossDetector::startsBelowGuessing)
            .suggests(
                    CauseCode.UNSCALED_INPUTS,
                    0.6,
                    "the first loss is above that of guessing",
                    run -> !startsBelowGuessing(run))
            .needs(RequiredField.LOSS_AND_CLASSES)
            .diagnosedOnce()
            .parameters(HIGH, BINARY)
            .affecting(FaultEffect.of(FaultEffect.Kind.WRONG_FROM_THE_START))
            .build();

    private final double high;
    private final double binary;

    public UnexpectedInitialLossDetector(DetectorSettings settings) {
        high = settings.get(ID, HIGH);
        binary = settings.get(ID, BINARY);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return 0;
    }

    @Override
    public void examine(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        if (!now.trainLossArrived() || run.loss().size() != 3 || !isFreshClassifier(run.registration())) {
            return;
        }
        int classes = run.registration().classes();
        double start = run.loss().start();
        double chance = run.chanceLoss();
        double entropy = Entropy.binary(1.0 / classes);
        if (start > high * chance && run.loss().first() > 2 * chance) {
            if (reporter.fires(Severity.WARNING)) {
                reporter.report(
                        AlertMessage.of("The first loss was " + NumberText.number(start) + "; an untrained model of "
                                        + classes + " classes starts near " + NumberText.number(chance) + ".")
                                .with("observed", start, "loss")
                                .with("threshold", high * chance, "loss")
                                .with("expected", chance, "loss"));
            }
        } else if (classes >= 3 && Math.abs(start / entropy - 1) < binary && start < 0.75 * chance) {
            if (reporter.fires(Severity.WARNING)) {
                reporter.report(AlertMessage.of(
                                "The first loss was " + NumberText.number(start) + ", which is what a binary loss on "
                                        + classes + " classes starts with; cross-entropy starts near "
                                        + NumberText.number(chance)
                                        + ".")
                        .with("observed", start, "loss")
                        .with("binary-entropy", entropy, "loss")
                        .with("expected", chance, "loss"));
            }
        }
    }

    private static boolean isFreshClassifier(RunStarted registration) {
        return registration != null
                && !Double.isNaN(registration.chanceLoss())
                && !registration.resumed()
                && !registration.pretrained();
    }

    private static boolean startsBelowGuessing(RunState run) {
        return run.registration() != null
                && run.registration().classes() != null
                && run.loss().start() < Math.log(run.registration().classes());
    }
}

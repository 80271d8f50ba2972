package dev.gradwatch.detection.detector.validation;

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
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.state.ValidationCurve;

/**
 * The validation loss has not improved for a while: from here on the run costs hours and gains nothing that counts, and its best checkpoint
 * lies behind it.
 *
 * <p>Rule, a note that names the best epoch: no better validation loss in 5 evaluations and a tenth of all of them, while the training loss has not risen by more than
 * 5 % since the best one: where it has, the trouble is in training. Over when a better one comes.
 *
 * <p>Source: the patience of early stopping (Prechelt 1998; five evaluations are usual in Keras and Lightning), which grows with the run. Never a
 * warning: whether a standing validation loss is a fault, only its later course tells; then {@code overfitting} or {@code no-generalization} says so.
 */
public final class MetricPlateauDetector implements Detector {

    public static final String ID = "metric-plateau";

    private static final Parameter PATIENCE = new Parameter(
            "patience",
            5,
            1,
            10_000,
            "evaluations",
            "Evaluations without a better validation loss before it is noted.");
    private static final Parameter SHARE = new Parameter(
            "share", 0.1, 0, 0.9, "share of the evaluations", "And this share of all evaluations so far.");
    private static final Parameter TRAIN_RISE = new Parameter(
            "train-rise", 0.05, 0, 10, "share", "What the training loss may have risen by since the best one at most.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Metric plateau")
            .summary("No better validation loss for some evaluations: which epoch was the best so far.")
            .severities(Severity.INFO)
            .onTrend()
            .about(Subject.DATA, SymptomTrait.PAST_BEST_VALIDATION, SymptomTrait.VALIDATION_GAP_POSSIBLE)
            .suggests(CauseCode.OVERFITTING, 0.3)
            .suggests(CauseCode.INSUFFICIENT_DATA, 0.1)
            .suggests(CauseCode.TRAIN_VALIDATION_MISMATCH, 0.05)
            .helpedBy(HelpfulEvidence.VALIDATION_ACCURACY, HelpfulEvidence.DATA_SIZE)
            .needs(RequiredField.VALIDATION_LOSS)
            .parameters(PATIENCE, SHARE, TRAIN_RISE)
            .affecting(FaultEffect.of(FaultEffect.Kind.SPOILS_GENERALIZATION))
            .build();

    private final double patience;
    private final double share;
    private final double trainRise;

    public MetricPlateauDetector(DetectorSettings settings) {
        patience = settings.get(ID, PATIENCE);
        share = settings.get(ID, SHARE);
        trainRise = settings.get(ID, TRAIN_RISE);
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
        if (!now.validationLossArrived()) {
            return;
        }
        ValidationCurve validation = run.validation();
        long waited = validation.evaluations() - validation.bestAt();
        if (waited == 0) {
            reporter.clears();
            return;
        }
        double before = validation.trainAtBest();
        boolean trains = !(run.trainLevelForValidation() > before + trainRise * Math.abs(before));
        if (waited >= Math.max(patience, share * validation.evaluations()) && trains && reporter.notes()) {
            String best = Double.isNaN(validation.bestEpoch())
                    ? "evaluation " + validation.bestAt()
                    : "epoch " + NumberText.number(validation.bestEpoch());
            reporter.report(AlertMessage.of("No better validation loss in " + waited
                            + " evaluations. The best was "
                            + NumberText.number(validation.best()) + " at " + best + ".")
                    .with("observed", validation.recent().medianOfLast(1), "loss")
                    .with("threshold", validation.best(), "loss")
                    .with("window", waited, "evaluations")
                    .with("best", validation.best(), "loss"));
        }
    }
}

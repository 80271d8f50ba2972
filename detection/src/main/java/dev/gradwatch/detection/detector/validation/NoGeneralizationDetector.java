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
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.EpochCurve;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.state.ValidationCurve;

/**
 * The training loss falls and the validation loss never did.
 *
 * <p>Rule: from epoch 10 and the tenth evaluation on, the epochs' training loss has fallen by 5 %, by 1 % of it in the newer half, and the best validation loss is less than 2 %
 * below the first, while the validation accuracy, where it is known, is no more than two points above its first. Silent for resumed and
 * pre-trained runs, whose validation loss may begin at its best, and where the first evaluation is already well below the loss
 * that training started with: then the first epoch taught what there is to generalize.
 *
 * <p>Source: the gap between training and validation that memorized labels leave (Zhang et al. 2017). Known false alarms: a very slow start.
 */
public final class NoGeneralizationDetector implements Detector {

    public static final String ID = "no-generalization";

    private static final Parameter EPOCHS =
            new Parameter("epochs", 10, 2, 10_000, "epochs", "Epochs and evaluations before it is judged.");
    private static final Parameter TRAIN_FELL = new Parameter(
            "train-fell", 0.05, 0.001, 1, "share of the first epoch", "What the training loss must have lost.");
    private static final Parameter VALIDATION_FELL = new Parameter(
            "validation-fell", 0.02, 0, 1, "share of the first", "What the validation loss has lost at most.");
    private static final Parameter ACCURACY = new Parameter(
            "accuracy-gain", 0.02, 0, 1, "accuracy", "A validation accuracy that gained more than this generalizes.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("No generalization")
            .summary(
                    "The training loss falls, but the validation loss has never been better than at the first evaluation.")
            .severities(Severity.WARNING)
            .onTrend()
            .about(Subject.DATA, SymptomTrait.NO_BETTER_VALIDATION, SymptomTrait.VALIDATION_GAP_POSSIBLE)
            .suggests(CauseCode.NOISY_OR_UNINFORMATIVE_DATA, 0.4)
            .suggests(CauseCode.OVERFITTING, 0.25)
            .suggests(CauseCode.TRAIN_VALIDATION_MISMATCH, 0.2)
            .helpedBy(HelpfulEvidence.LOSS_AND_CLASSES, HelpfulEvidence.VALIDATION_ACCURACY, HelpfulEvidence.DATA_SIZE)
            .needs(RequiredField.VALIDATION_LOSS)
            .parameters(EPOCHS, TRAIN_FELL, VALIDATION_FELL, ACCURACY)
            .affecting(FaultEffect.of(FaultEffect.Kind.NEVER_GENERALIZES))
            .build();

    /**
     * Share of the start. Without step losses the first epoch's own fall must be this clear. Set by eye on recorded
     * runs.
     */
    private static final double BEGAN_BELOW = 0.8;

    /** Standard errors: 95 % certainty. */
    private static final double TWO_ERRORS = 2;

    /** What fell within the first epochs was there to be seen at the first evaluation; it must go on falling. */
    private static final double STILL_FALLS = 0.01;

    private final double epochs;
    private final double trainFell;
    private final double validationFell;
    private final double accuracyGain;

    public NoGeneralizationDetector(DetectorSettings settings) {
        epochs = settings.get(ID, EPOCHS);
        trainFell = settings.get(ID, TRAIN_FELL);
        validationFell = settings.get(ID, VALIDATION_FELL);
        accuracyGain = settings.get(ID, ACCURACY);
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
        if (!now.validationLossArrived() || isFromElsewhere(run.registration())) {
            return;
        }
        ValidationCurve validation = run.validation();
        EpochCurve curve = run.epochs();
        Double epoch = run.progress().epoch();
        if (validation.evaluations() < epochs || curve.count() < epochs || (epoch != null && epoch < epochs)) {
            return;
        }
        double first = validation.first();
        double trained = curve.firstTrainLoss() - curve.trainLoss().medianOfLast(3);
        double noise = validation.blocks().noise();
        double halfway = curve.trainLoss().ago(curve.trainLoss().size() / 2);
        double since = halfway - curve.trainLoss().medianOfLast(3);
        boolean learns = since >= STILL_FALLS * Math.abs(halfway)
                && trained >= trainFell * Math.abs(curve.firstTrainLoss())
                && trained > TWO_ERRORS * run.loss().blocks().noise();
        boolean never = first - validation.best() + TWO_ERRORS * noise / Math.sqrt(validation.evaluations())
                < validationFell * Math.abs(first);
        double start = run.loss().start();
        boolean wellBegun =
                first < start - trainFell * Math.abs(start) && (run.loss().ofSteps() || first < BEGAN_BELOW * start);
        if (learns && never && !wellBegun && !accuracyRose(curve)) {
            if (reporter.fires(Severity.WARNING)) {
                reporter.report(AlertMessage.of("The training loss fell by "
                                + NumberText.percent(trained / Math.abs(curve.firstTrainLoss()))
                                + ", but in " + validation.evaluations()
                                + " evaluations the validation loss was never much below its first ("
                                + NumberText.number(first) + ", best " + NumberText.number(validation.best()) + ").")
                        .with("observed", validation.best(), "loss")
                        .with("threshold", first - validationFell * Math.abs(first), "loss")
                        .with("window", validation.evaluations(), "evaluations")
                        .with("train-loss", curve.trainLoss().medianOfLast(3), "loss"));
            }
        } else if (!never && !reporter.isPaging(OverfittingDetector.ID)) {
            reporter.clears();
        }
    }

    private static boolean isFromElsewhere(RunStarted registration) {
        return registration != null && (registration.resumed() || registration.pretrained());
    }

    private boolean accuracyRose(EpochCurve curve) {
        double gain = curve.validationAccuracy().medianOfLast(3) - curve.firstValidationAccuracy();
        return curve.share(gain) > accuracyGain;
    }
}

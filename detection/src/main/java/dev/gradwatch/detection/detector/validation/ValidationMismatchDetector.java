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
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.detector.RequiredField;
import dev.gradwatch.detection.detector.Subject;
import dev.gradwatch.detection.detector.SymptomTrait;
import dev.gradwatch.detection.state.EpochCurve;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.statistics.Ring;

/**
 * Training and validation data do not look alike.
 *
 * <p>Rule, a note: in the first three epochs the validation loss is 3 x the training loss and the validation accuracy 20 points behind
 * while training improves, twice in a row; or the validation accuracy is more than 5 points ahead for 5 epochs running, what training learned in the epoch
 * taken off.
 *
 * <p>Overfitting needs time to open such a gap; a gap that is there from the start is in the data or in how they are prepared. Known false
 * alarms: dropout and augmentation lower the training accuracy, which is why it is a note.
 */
public final class ValidationMismatchDetector implements Detector {

    public static final String ID = "validation-mismatch";

    private static final Parameter TIMES =
            new Parameter("times", 3, 1.1, 1000, "x the training loss", "A validation loss that is far off.");
    private static final Parameter BEHIND =
            new Parameter("behind", 0.2, 0, 1, "accuracy", "How far the validation accuracy is behind then.");
    private static final Parameter AHEAD = new Parameter(
            "ahead", 0.05, 0, 1, "accuracy", "A validation accuracy this far ahead of training is suspicious.");
    private static final Parameter AHEAD_EPOCHS =
            new Parameter("ahead-epochs", 5, 2, 8, "epochs", "For how many epochs running.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Validation mismatch")
            .summary(
                    "Validation is far worse than training from the first epochs on, or steadily better than training.")
            .severities(Severity.INFO)
            .onTrend()
            .about(Subject.DATA, SymptomTrait.VALIDATION_GAP_POSSIBLE)
            .suggests(CauseCode.TRAIN_VALIDATION_MISMATCH, 0.6)
            .needs(RequiredField.VALIDATION_LOSS)
            .parameters(TIMES, BEHIND, AHEAD, AHEAD_EPOCHS)
            .affecting(FaultEffect.of(FaultEffect.Kind.OF_THE_MEASUREMENT))
            .build();

    /** Epochs in which nothing can have been memorized yet. As in the curve of epochs. */
    private static final int FIRST_EPOCHS = 3;

    /** Epochs in a row: a single one may be chance. */
    private static final int AGAIN = 2;

    /** Slot of the memory: epochs in a row in which validation was far worse. */
    private static final int WORSE = 0;

    private final double times;
    private final double behind;
    private final double ahead;
    private final int aheadEpochs;

    public ValidationMismatchDetector(DetectorSettings settings) {
        times = settings.get(ID, TIMES);
        behind = settings.get(ID, BEHIND);
        ahead = settings.get(ID, AHEAD);
        aheadEpochs = (int) settings.get(ID, AHEAD_EPOCHS);
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
        EpochCurve curve = run.epochs();
        if (!now.validationLossArrived() || curve.trainLoss().isEmpty()) {
            return;
        }
        double train = curve.trainLoss().ago(0);
        double validation = run.validation().recent().ago(0);
        if (curve.count() <= FIRST_EPOCHS) {
            boolean worse = train > 0
                    && validation > times * train
                    && train <= curve.firstTrainLoss()
                    && gap(curve, 0) > behind;
            memory[WORSE] = worse ? memory[WORSE] + 1 : 0;
            if (memory[WORSE] >= AGAIN && reporter.notes()) {
                reporter.report(AlertMessage.of("The validation loss (" + NumberText.number(validation) + ") is "
                                + NumberText.number(validation / train) + " x the training loss and its accuracy "
                                + NumberText.number(100 * gap(curve, 0)) + " points behind, from the first epochs on.")
                        .with("observed", validation, "loss")
                        .with("threshold", times * train, "loss")
                        .with("accuracy-gap", gap(curve, 0), "accuracy"));
            }
        }
        if (isAhead(curve) && reporter.notes()) {
            reporter.report(AlertMessage.of("The validation accuracy has been "
                            + NumberText.number(-100 * gap(curve, 0)) + " points above the training accuracy for "
                            + aheadEpochs
                            + " epochs: dropout or augmentation, or validation data that leaked into training.")
                    .with("observed", -gap(curve, 0), "accuracy")
                    .with("threshold", ahead, "accuracy")
                    .with("window", aheadEpochs, "epochs"));
        }
    }

    private boolean isAhead(EpochCurve curve) {
        if (curve.trainAccuracy().size() < aheadEpochs
                || curve.validationAccuracy().size() < aheadEpochs) {
            return false;
        }
        for (int age = 0; age < aheadEpochs; age++) {
            // The mean over an epoch lags behind its end by about half of what was learned in it.
            double learned = age + 1 < curve.trainAccuracy().size()
                    ? curve.share(curve.trainAccuracy().ago(age)
                            - curve.trainAccuracy().ago(age + 1))
                    : 0;
            if (!(-gap(curve, age) - Math.max(0, learned) > ahead)) {
                return false;
            }
        }
        return true;
    }

    /** Training less validation accuracy, as a share; NaN when one is unknown. */
    private static double gap(EpochCurve curve, int age) {
        Ring train = curve.trainAccuracy();
        Ring validation = curve.validationAccuracy();
        return age < Math.min(train.size(), validation.size())
                ? curve.share(train.ago(age) - validation.ago(age))
                : Double.NaN;
    }
}

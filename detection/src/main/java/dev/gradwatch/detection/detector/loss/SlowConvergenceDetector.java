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
import dev.gradwatch.detection.detector.HelpfulEvidence;
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.detector.RequiredField;
import dev.gradwatch.detection.detector.Subject;
import dev.gradwatch.detection.detector.SymptomTrait;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.statistics.Blocks;
import dev.gradwatch.detection.statistics.LeastSquares;
import dev.gradwatch.detection.statistics.MannKendall;
import dev.gradwatch.detection.statistics.Persistence;

/**
 * The training loss falls, surely, but so slowly that the run will not arrive.
 *
 * <p>Rule, on the blocks of the whole run (16 or more): the loss falls with significance (Mann-Kendall below -1.96), it has improved by less
 * than 10 % in all, and the slope of its newer half, by least squares and with two standard errors in its favour, would not
 * bring it to 10 % by the planned end, or within twice its present length where no plan is known. Held while the run grows by half. A note; a warning when
 * the evidence for a low learning rate is there: the largest update is below a ten-thousandth of the weights.
 *
 * <p>Known false alarms: fine-tuning, which may gain little and yet enough; pre-trained and resumed runs are left alone.
 */
public final class SlowConvergenceDetector implements Detector {

    public static final String ID = "slow-convergence";

    private static final Parameter SCORE = new Parameter(
            "score", 1.96, 0, 10, "standard deviations", "How sure it must be that the loss falls at all.");
    private static final Parameter GAIN = new Parameter(
            "gain", 0.1, 0.001, 1, "share of the start loss", "Improvement that would make the run worth its hours.");
    private static final Parameter LOW_RATIO = new Parameter(
            "low-ratio", 1e-4, 0, 1, "x the weights", "Updates below this point to the learning rate: a warning.");
    private static final Parameter LEAST_RECORDS =
            new Parameter("least-records", 20, 16, 1e6, "records", "Losses before a trend can be told.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Slow convergence")
            .summary("The training loss falls, but so slowly that it will hardly have moved by the end of the run.")
            .severities(Severity.INFO, Severity.WARNING)
            .onPace()
            .about(Subject.LEARNING, SymptomTrait.LITTLE_PROGRESS, SymptomTrait.FLAT_LOSS)
            .suggests(CauseCode.LEARNING_RATE_TOO_LOW, 0.45)
            .suggests(CauseCode.NOISY_OR_UNINFORMATIVE_DATA, 0.2)
            .suggests(CauseCode.BATCH_TOO_LARGE, 0.1)
            .suggests(CauseCode.INSUFFICIENT_CAPACITY, 0.1)
            .helpedBy(
                    HelpfulEvidence.LAYER_NORMS,
                    HelpfulEvidence.UPDATE_NORMS,
                    HelpfulEvidence.LEARNING_RATE,
                    HelpfulEvidence.LOSS_AND_CLASSES)
            .needs(RequiredField.PLANNED_LENGTH)
            .parameters(SCORE, GAIN, LOW_RATIO, LEAST_RECORDS)
            .affecting(FaultEffect.of(FaultEffect.Kind.HINDERS_LEARNING))
            .build();

    private static final Persistence HOLD = new Persistence(0.5, 5);

    /** Blocks; with fewer the error of a slope is larger than the slope. */
    private static final int LEAST_BLOCKS = 16;

    /** Epochs before a pace can be called slow. Set by eye on recorded runs. */
    private static final double LEAST_EPOCHS = 4;

    /** Standard errors: 95 % certainty. */
    private static final double TWO_ERRORS = 2;

    private final double score;
    private final double gain;
    private final double lowRatio;
    private final double leastRecords;
    private final double[] window = new double[Blocks.CAPACITY];

    public SlowConvergenceDetector(DetectorSettings settings) {
        score = settings.get(ID, SCORE);
        gain = settings.get(ID, GAIN);
        lowRatio = settings.get(ID, LOW_RATIO);
        leastRecords = settings.get(ID, LEAST_RECORDS);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return Persistence.SLOTS;
    }

    @Override
    public void examine(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        Blocks blocks = run.loss().blocks();
        int n = blocks.size();
        if (!now.trainBlockCompleted() || n < LEAST_BLOCKS || run.loss().size() < leastRecords || isExcused(run)) {
            return;
        }
        double start = run.loss().start();
        double last = blocks.mean(n - n / 5, n);
        blocks.copyLast(n, window);
        boolean little = start - last < gain * Math.abs(start);
        boolean falls = little && MannKendall.score(window, n) < -score;
        boolean slow = falls && start - expected(run, blocks, last) < gain * Math.abs(start);
        if (!HOLD.update(memory, 0, slow, little, run.loss().size())) {
            reporter.clears();
            return;
        }
        boolean low = run.layers().largestUpdateRatio() < lowRatio;
        if (low ? reporter.fires(Severity.WARNING) : reporter.notes()) {
            reporter.report(AlertMessage.of("The loss falls, but slowly: "
                            + NumberText.percent((start - last) / Math.abs(start))
                            + " below its start after " + run.loss().size() + " records (" + NumberText.number(start)
                            + " to "
                            + NumberText.number(last) + ").")
                    .with("observed", (start - last) / Math.abs(start), null)
                    .with("threshold", gain, null)
                    .with("window", run.loss().size(), "records")
                    .with("start", start, "loss"));
        }
    }

    /** Where the newer half of the curve leads, at its steepest that the data allow. */
    private double expected(RunState run, Blocks blocks, double last) {
        int half = blocks.size() / 2;
        blocks.copyLast(half, window);
        LeastSquares line = LeastSquares.of(window, half);
        double steepest = Math.min(0, line.slope() - TWO_ERRORS * line.slopeError());
        return last + steepest * remaining(run) * blocks.size();
    }

    /** What is still to come, as a share of the run so far. */
    private static double remaining(RunState run) {
        RunStarted registration = run.registration();
        Double epoch = run.progress().epoch();
        Long step = run.progress().step();
        if (registration != null && registration.plannedEpochs() != null && epoch != null) {
            return Math.max(0, registration.plannedEpochs() / (epoch + 1) - 1);
        }
        if (registration != null && registration.plannedSteps() != null && step != null) {
            return Math.max(0, registration.plannedSteps() / (step + 1.0) - 1);
        }
        return 1;
    }

    private static boolean isExcused(RunState run) {
        RunStarted registration = run.registration();
        Double epoch = run.progress().epoch();
        return run.learningRate().rising()
                || (epoch != null && epoch < LEAST_EPOCHS)
                || (registration != null && (registration.resumed() || registration.pretrained()));
    }
}

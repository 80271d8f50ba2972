package dev.gradwatch.detection.diagnosis;

import static dev.gradwatch.detection.alert.CauseCode.*;
import static dev.gradwatch.detection.detector.SymptomTrait.*;

import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.detector.TypicalLearningRate;
import dev.gradwatch.detection.event.RunStarted;
import java.util.Locale;

/** What the registration and the schedule say. */
final class SettingsEvidence {

    /**
     * How far below the typical learning rate a rate is low for a run that learns too little. Set by eye on recorded
     * runs.
     */
    private static final double FAR_BELOW = 20;

    /** Samples: gradients of at most 8 are mostly noise. */
    private static final int SMALL_BATCH = 8;

    /** Samples: 32 are the usual default, with noise that training tolerates. */
    private static final int GOOD_BATCH = 32;

    /** Samples: from 256 on an epoch of a small data set has few steps. */
    private static final int LARGE_BATCH = 256;

    /** Steps in an epoch that are few. Set by eye on recorded runs. */
    private static final int FEW_STEPS = 10;

    private SettingsEvidence() {}

    static void weigh(DiagnosisContext context, CauseScores scores) {
        learningRate(context, scores);
        RunStarted registration = context.registration();
        if (registration != null) {
            batch(context, registration, scores);
            precision(context, registration, scores);
            if (context.has(OUTPUT_MISMATCH_POSSIBLE)) {
                output(registration, scores);
            }
        }
    }

    private static void learningRate(DiagnosisContext context, CauseScores scores) {
        double rate = TypicalLearningRate.rateOf(context.run());
        if (Double.isNaN(rate)) {
            return;
        }
        TypicalLearningRate range = TypicalLearningRate.of(context.registration());
        double usual = range.typical();
        String seen = "the learning rate is " + NumberText.number(rate);
        if (rate == 0) {
            scores.weigh(DiagnosisEvidence.ZERO_RATE, OPTIMIZER_NOT_STEPPING, "the learning rate is 0");
            scores.remedy(
                    OPTIMIZER_NOT_STEPPING, "set a learning rate above 0, such as " + NumberText.number(usual / 10));
        } else if (rate > range.high() && context.registration() != null) {
            scores.weigh(DiagnosisEvidence.RATE_ABOVE_RANGE, LEARNING_RATE_TOO_HIGH, seen);
            scores.weigh(DiagnosisEvidence.RATE_ABOVE_RANGE, LEARNING_RATE_TOO_LOW, seen);
            scores.remedy(
                    LEARNING_RATE_TOO_HIGH,
                    "lower the learning rate from " + NumberText.number(rate) + " to about "
                            + NumberText.number(usual));
        } else if (rate < range.low()) {
            scores.weigh(DiagnosisEvidence.RATE_BELOW_RANGE, LEARNING_RATE_TOO_LOW, seen);
            scores.remedy(
                    LEARNING_RATE_TOO_LOW,
                    "raise the learning rate from " + NumberText.number(rate) + " to about "
                            + NumberText.number(usual / 10));
        } else {
            if (rate < usual / FAR_BELOW && context.has(LITTLE_PROGRESS)) {
                scores.weigh(
                        DiagnosisEvidence.RATE_BELOW_TYPICAL,
                        LEARNING_RATE_TOO_LOW,
                        seen + ", and " + NumberText.number(usual) + " is usual");
            }
            scores.remedy(
                    LEARNING_RATE_TOO_HIGH,
                    "lower the learning rate from " + NumberText.number(rate) + " to about "
                            + NumberText.number(round(rate / 5)) + ", with warm-up or clipping");
            scores.remedy(
                    LEARNING_RATE_TOO_LOW,
                    "raise the learning rate from " + NumberText.number(rate) + " to about "
                            + NumberText.number(round(10 * rate)) + ", or find it by a range test; check the schedule");
        }
    }

    /** To one significant digit: advice is no more exact than that. */
    private static double round(double rate) {
        double unit = Math.pow(10, Math.floor(Math.log10(rate)));
        return Math.rint(rate / unit) * unit;
    }

    private static void batch(DiagnosisContext context, RunStarted registration, CauseScores scores) {
        Integer size = registration.batchSize();
        Long steps = registration.stepsPerEpoch();
        if (context.has(NOISY_STEPS) && size != null && size <= SMALL_BATCH) {
            scores.weigh(
                    DiagnosisEvidence.SMALL_BATCH,
                    BATCH_TOO_SMALL,
                    "a batch has only " + size + (size == 1 ? " sample" : " samples"));
            scores.remedy(
                    BATCH_TOO_SMALL,
                    "raise the batch size from " + size + " to about " + GOOD_BATCH + ", or accumulate gradients");
        } else if (size != null && size >= GOOD_BATCH) {
            scores.weigh(DiagnosisEvidence.SUFFICIENT_BATCH, BATCH_TOO_SMALL, "a batch has " + size + " samples");
        }
        if (context.has(LITTLE_PROGRESS)
                && size != null
                && size >= LARGE_BATCH
                && steps != null
                && steps <= FEW_STEPS) {
            scores.weigh(
                    DiagnosisEvidence.FEW_LARGE_BATCHES,
                    BATCH_TOO_LARGE,
                    "an epoch has only " + steps + (steps == 1 ? " step of " : " steps of ") + size + " samples");
            scores.remedy(
                    BATCH_TOO_LARGE,
                    "lower the batch size from " + size + " to about " + size / 8
                            + ", or raise the learning rate with it");
        }
    }

    private static void precision(DiagnosisContext context, RunStarted registration, CauseScores scores) {
        if (!context.has(NON_FINITE)) {
            return;
        }
        if (registration.isHalfPrecision()) {
            scores.weigh(
                    DiagnosisEvidence.HALF_PRECISION, MIXED_PRECISION_OVERFLOW, "the run computes in half precision");
        }
        if (registration.clipThreshold() != null) {
            scores.weigh(
                    DiagnosisEvidence.CLIPPED_GRADIENTS,
                    UNSTABLE_GRADIENTS,
                    "gradients are clipped at " + NumberText.number(registration.clipThreshold()));
        }
    }

    private static void output(RunStarted registration, CauseScores scores) {
        String loss = registration.loss() == null ? "" : registration.loss().toLowerCase(Locale.ROOT);
        if (loss.contains("binary") && registration.classes() != null && registration.classes() > 2) {
            scores.weigh(
                    DiagnosisEvidence.BINARY_LOSS,
                    WRONG_LOSS_OR_OUTPUT_ACTIVATION,
                    "the loss is " + registration.loss() + ", and there are " + registration.classes() + " classes");
        } else if (registration.outputUnits() != null
                && registration.outputUnits() == 1
                && "softmax".equalsIgnoreCase(registration.outputActivation())) {
            scores.weigh(
                    DiagnosisEvidence.SOFTMAX_OVER_ONE_UNIT,
                    WRONG_LOSS_OR_OUTPUT_ACTIVATION,
                    "a softmax over one unit is always 1");
            scores.remedy(WRONG_LOSS_OR_OUTPUT_ACTIVATION, "use a sigmoid for one output, or one unit for each class");
        }
    }
}

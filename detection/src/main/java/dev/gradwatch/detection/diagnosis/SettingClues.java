package dev.gradwatch.detection.diagnosis;

import static dev.gradwatch.detection.diagnosis.CauseCode.*;

import dev.gradwatch.detection.detector.UsualRate;
import dev.gradwatch.detection.detector.Words;
import dev.gradwatch.detection.event.RunStarted;
import java.util.Locale;

/** What the registration and the schedule say. */
final class SettingClues {

    private static final double FAR_BELOW = 20;
    private static final int SMALL_BATCH = 8;
    private static final int GOOD_BATCH = 32;
    private static final int LARGE_BATCH = 256;
    private static final int FEW_STEPS = 10;

    private SettingClues() {}

    static void weigh(Patient patient, Weights weights) {
        learningRate(patient, weights);
        RunStarted registration = patient.registration();
        if (registration != null) {
            batch(patient, registration, weights);
            precision(patient, registration, weights);
            if (patient.shows("suspicious-settings", "unexpected-initial-loss", "constant-metrics", "loss-plateau")) {
                output(registration, weights);
            }
        }
    }

    private static void learningRate(Patient patient, Weights weights) {
        double rate = UsualRate.rateOf(patient.run());
        if (Double.isNaN(rate)) {
            return;
        }
        UsualRate range = UsualRate.of(patient.registration());
        double usual = range.usual();
        String seen = "the learning rate is " + Words.number(rate);
        if (rate == 0) {
            weights.support(OPTIMIZER_NOT_STEPPING, 0.6, "the learning rate is 0");
            weights.remedy(OPTIMIZER_NOT_STEPPING, "set a learning rate above 0, such as " + Words.number(usual / 10));
        } else if (rate > range.high() && patient.registration() != null) {
            weights.support(LEARNING_RATE_TOO_HIGH, 0.5, seen);
            weights.doubt(LEARNING_RATE_TOO_LOW, 0.2, seen);
            weights.remedy(
                    LEARNING_RATE_TOO_HIGH,
                    "lower the learning rate from " + Words.number(rate) + " to about " + Words.number(usual));
        } else if (rate < range.low()) {
            weights.support(LEARNING_RATE_TOO_LOW, 0.5, seen);
            weights.remedy(
                    LEARNING_RATE_TOO_LOW,
                    "raise the learning rate from " + Words.number(rate) + " to about " + Words.number(usual / 10));
        } else {
            if (rate < usual / FAR_BELOW && patient.shows("loss-plateau", "slow-convergence", "constant-metrics")) {
                weights.support(LEARNING_RATE_TOO_LOW, 0.35, seen + ", and " + Words.number(usual) + " is usual");
            }
            weights.remedy(
                    LEARNING_RATE_TOO_HIGH,
                    "lower the learning rate from " + Words.number(rate) + " to about " + Words.number(round(rate / 5))
                            + ", with warm-up or clipping");
            weights.remedy(
                    LEARNING_RATE_TOO_LOW,
                    "raise the learning rate from " + Words.number(rate) + " to about " + Words.number(round(10 * rate))
                            + ", or find it by a range test; check the schedule");
        }
    }

    /** To one significant digit: advice is no more exact than that. */
    private static double round(double rate) {
        double unit = Math.pow(10, Math.floor(Math.log10(rate)));
        return Math.rint(rate / unit) * unit;
    }

    private static void batch(Patient patient, RunStarted registration, Weights weights) {
        Integer size = registration.batchSize();
        Long steps = registration.stepsPerEpoch();
        if (patient.shows("oscillating-loss", "loss-spike", "exploding-gradients")
                && size != null
                && size <= SMALL_BATCH) {
            weights.support(BATCH_TOO_SMALL, 0.3, "a batch has only " + size + (size == 1 ? " sample" : " samples"));
            weights.remedy(
                    BATCH_TOO_SMALL,
                    "raise the batch size from " + size + " to about " + GOOD_BATCH + ", or accumulate gradients");
        } else if (size != null && size >= GOOD_BATCH) {
            weights.doubt(BATCH_TOO_SMALL, 0.4, "a batch has " + size + " samples");
        }
        if (patient.shows("slow-convergence", "loss-plateau", "constant-metrics")
                && size != null
                && size >= LARGE_BATCH
                && steps != null
                && steps <= FEW_STEPS) {
            weights.support(
                    BATCH_TOO_LARGE,
                    0.4,
                    "an epoch has only " + steps + (steps == 1 ? " step of " : " steps of ") + size + " samples");
            weights.remedy(
                    BATCH_TOO_LARGE,
                    "lower the batch size from " + size + " to about " + size / 8
                            + ", or raise the learning rate with it");
        }
    }

    private static void precision(Patient patient, RunStarted registration, Weights weights) {
        if (!patient.shows("non-finite-values")) {
            return;
        }
        if (registration.isHalfPrecision()) {
            weights.support(MIXED_PRECISION_OVERFLOW, 0.3, "the run computes in half precision");
        }
        if (registration.clipThreshold() != null) {
            weights.doubt(
                    UNSTABLE_GRADIENTS, 0.6, "gradients are clipped at " + Words.number(registration.clipThreshold()));
        }
    }

    private static void output(RunStarted registration, Weights weights) {
        String loss = registration.loss() == null ? "" : registration.loss().toLowerCase(Locale.ROOT);
        if (loss.contains("binary") && registration.classes() != null && registration.classes() > 2) {
            weights.support(
                    WRONG_LOSS_OR_OUTPUT_ACTIVATION,
                    0.5,
                    "the loss is " + registration.loss() + ", and there are " + registration.classes() + " classes");
        } else if (registration.outputUnits() != null
                && registration.outputUnits() == 1
                && "softmax".equalsIgnoreCase(registration.outputActivation())) {
            weights.support(WRONG_LOSS_OR_OUTPUT_ACTIVATION, 3, "a softmax over one unit is always 1");
            weights.remedy(WRONG_LOSS_OR_OUTPUT_ACTIVATION, "use a sigmoid for one output, or one unit for each class");
        }
    }
}

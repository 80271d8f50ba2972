package dev.gradwatch.detection.diagnosis;

import static dev.gradwatch.detection.alert.CauseCode.*;
import static dev.gradwatch.detection.diagnosis.EvidenceEffect.doubts;
import static dev.gradwatch.detection.diagnosis.EvidenceEffect.supports;

import dev.gradwatch.detection.alert.CauseCode;
import java.util.List;

/**
 * The table of the diagnosis: what evidence there may be, when it holds, and how it changes the weight of each cause. Evidence for a cause
 * adds to its weight; evidence against it multiplies the weight by a factor below 1. Weights of 0.3 to 0.6 are as strong as a symptom
 * itself; 1 or more decides alone.
 *
 * <p>Where the values come from: set by eye so that recorded runs with a known cause name it first, and kept coarse on purpose. None was
 * fitted. {@code gradwatch detectors --causes} prints the table, {@code gradwatch backtest --set diagnosis.<evidence>.<cause>=<value>}
 * tries another value.
 */
public enum DiagnosisEvidence {
    // what the registration and the schedule tell
    ZERO_RATE("zero-rate", "the learning rate is 0", supports(OPTIMIZER_NOT_STEPPING, 0.6)),
    RATE_ABOVE_RANGE(
            "rate-above-range",
            "the learning rate is above the optimizer's usual range",
            supports(LEARNING_RATE_TOO_HIGH, 0.5),
            doubts(LEARNING_RATE_TOO_LOW, 0.2)),
    RATE_BELOW_RANGE(
            "rate-below-range",
            "the learning rate is below the optimizer's usual range",
            supports(LEARNING_RATE_TOO_LOW, 0.5)),
    RATE_BELOW_TYPICAL(
            "rate-below-typical",
            "little progress, and the learning rate is below a twentieth of the optimizer's typical one",
            supports(LEARNING_RATE_TOO_LOW, 0.35)),
    SMALL_BATCH("small-batch", "noisy steps, and a batch has 8 samples at most", supports(BATCH_TOO_SMALL, 0.3)),
    SUFFICIENT_BATCH("sufficient-batch", "a batch has 32 samples at least", doubts(BATCH_TOO_SMALL, 0.4)),
    FEW_LARGE_BATCHES(
            "few-large-batches",
            "little progress, and an epoch has 10 steps at most, of 256 samples at least",
            supports(BATCH_TOO_LARGE, 0.4)),
    HALF_PRECISION(
            "half-precision",
            "a value is not finite, and the run computes in half precision",
            supports(MIXED_PRECISION_OVERFLOW, 0.3)),
    CLIPPED_GRADIENTS(
            "clipped-gradients", "a value is not finite, and gradients are clipped", doubts(UNSTABLE_GRADIENTS, 0.6)),
    BINARY_LOSS(
            "binary-loss", "a binary loss on more than two classes", supports(WRONG_LOSS_OR_OUTPUT_ACTIVATION, 0.5)),
    SOFTMAX_OVER_ONE_UNIT(
            "softmax-over-one-unit",
            "the output is a softmax over one unit",
            supports(WRONG_LOSS_OR_OUTPUT_ACTIVATION, 3)),

    // what validation tells
    EARLY_BEST(
            "early-best",
            "the validation loss was best in the first 15 % of the evaluations",
            supports(INSUFFICIENT_DATA, 0.15)),
    LATE_BEST(
            "late-best",
            "the validation loss was best after 40 % of the evaluations",
            supports(MISSING_REGULARIZATION, 0.15)),
    FEW_SAMPLES("few-samples", "an epoch has fewer than 2,000 samples", supports(INSUFFICIENT_DATA, 0.2)),
    MANY_SAMPLES("many-samples", "an epoch has more than 50,000 samples", doubts(INSUFFICIENT_DATA, 0.5)),
    MEMORIZED("memorized", "the training loss is below a tenth of its start", supports(EXCESS_CAPACITY, 0.2)),
    MANY_PARAMETERS("many-parameters", "more than 10 parameters for each sample", supports(EXCESS_CAPACITY, 0.15)),
    ACCURACY_NEAR_GUESSING(
            "accuracy-near-guessing",
            "the best validation accuracy is within 5 points of guessing",
            supports(NOISY_OR_UNINFORMATIVE_DATA, 0.3)),
    ACCURACY_ABOVE_GUESSING(
            "accuracy-above-guessing",
            "the best validation accuracy is 5 points above guessing or more",
            doubts(NOISY_OR_UNINFORMATIVE_DATA, 0.5)),
    VALIDATION_LOSS_OF_GUESSING(
            "validation-loss-of-guessing",
            "the best validation loss is at 97 % of what guessing costs or more",
            supports(NOISY_OR_UNINFORMATIVE_DATA, 0.2)),
    BELOW_GUESSING(
            "below-guessing",
            "the validation accuracy is below half of guessing while training is above twice of it",
            supports(TRAIN_VALIDATION_MISMATCH, 1),
            doubts(OVERFITTING, 0.5),
            doubts(INSUFFICIENT_DATA, 0.5)),
    EARLY_GAP(
            "early-gap",
            "the validation accuracy was 20 points behind in the first epochs",
            supports(TRAIN_VALIDATION_MISMATCH, 0.8),
            doubts(OVERFITTING, 0.5),
            doubts(INSUFFICIENT_DATA, 0.5),
            doubts(NOISY_OR_UNINFORMATIVE_DATA, 0.4)),
    FIRST_VALIDATION_FAR(
            "first-validation-far",
            "the first validation loss was above twice the training loss",
            supports(TRAIN_VALIDATION_MISMATCH, 0.4)),
    FIRST_VALIDATION_NEAR(
            "first-validation-near",
            "the first validation loss was at twice the training loss at most",
            doubts(TRAIN_VALIDATION_MISMATCH, 0.5)),
    CLEAR_MAJORITY(
            "clear-majority",
            "one class is answered, and it has more than 75 % of the samples",
            supports(CLASS_IMBALANCE, 0.3)),
    NO_CLEAR_MAJORITY(
            "no-clear-majority",
            "one class is answered, and it has 75 % of the samples at most",
            supports(NOISY_OR_UNINFORMATIVE_DATA, 0.1)),

    // what gradients, layers and updates tell
    PLAIN_RECURRENT_LAYER(
            "plain-recurrent-layer",
            "gradients grow or die, and a layer is named like a plain recurrent one",
            supports(UNSUITABLE_RECURRENT_ACTIVATION, 0.25)),
    ZERO_UPDATES(
            "zero-updates",
            "the largest update is exactly 0 while the gradient is not",
            supports(OPTIMIZER_NOT_STEPPING, 1),
            doubts(LEARNING_RATE_TOO_LOW, 0.2)),
    TINY_UPDATES(
            "tiny-updates",
            "the largest update is below a millionth of its weights",
            supports(LEARNING_RATE_TOO_LOW, 0.8),
            doubts(OPTIMIZER_NOT_STEPPING, 0.5)),
    SMALL_UPDATES(
            "small-updates", "the largest update is below 1e-4 of its weights", supports(LEARNING_RATE_TOO_LOW, 0.3)),
    LARGE_UPDATES(
            "large-updates",
            "the largest update is above a tenth of its weights",
            supports(LEARNING_RATE_TOO_HIGH, 0.4),
            doubts(LEARNING_RATE_TOO_LOW, 0.2)),
    NORMAL_UPDATES(
            "normal-updates", "the largest update is 1e-4 to 0.1 of its weights", doubts(LEARNING_RATE_TOO_LOW, 0.4)),
    MOVING_WEIGHTS(
            "moving-weights", "the largest update is above 1e-4 of its weights", doubts(OPTIMIZER_NOT_STEPPING, 0.1)),
    GRADIENT_DIED(
            "gradient-died",
            "the gradient was not zero at first and is zero at times",
            supports(LEARNING_RATE_TOO_HIGH, 0.2)),
    NO_GRADIENT_FROM_START(
            "no-gradient-from-start",
            "the gradient was zero from the first step on, after a plausible first loss",
            supports(OPTIMIZER_NOT_STEPPING, 0.8)),
    LAYERS_NEVER_ALIVE(
            "layers-never-alive",
            "dead layers never had a gradient",
            supports(OPTIMIZER_NOT_STEPPING, 0.6),
            doubts(LEARNING_RATE_TOO_HIGH, 0.2),
            doubts(DYING_RELU, 0.5)),
    FIRST_LAYER_VANISHED(
            "first-layer-vanished",
            "the first layer's gradient is below 0.1 % of the largest layer's",
            supports(SATURATING_ACTIVATIONS, 0.6)),
    FIRST_LAYER_FADED(
            "first-layer-faded",
            "the first layer's gradient is below 2 % of the largest layer's",
            supports(SATURATING_ACTIVATIONS, 0.3)),
    FIRST_LAYER_KEPT(
            "first-layer-kept",
            "the first layer's gradient is above a tenth of the largest layer's",
            doubts(SATURATING_ACTIVATIONS, 0.3)),
    ZEROS_IN_HIDDEN_LAYER(
            "zeros-in-hidden-layer",
            "70 % of a hidden layer's gradient is exactly zero, or more",
            supports(DYING_RELU, 0.3)),
    CALM_GRADIENT(
            "calm-gradient",
            "the loss jumped while the gradient norm stayed below 3 x its level",
            supports(CORRUPT_BATCH, 0.2)),
    GRADIENT_JUMPED(
            "gradient-jumped",
            "the gradient norm jumped above 10 x its level, with a loss that rose or again",
            supports(UNSTABLE_GRADIENTS, 0.2)),
    SMALL_GRADIENT(
            "small-gradient",
            "a flat loss, and the gradient norm is below 1 % of its start but not zero",
            supports(SADDLE_POINT, 0.3)),
    GRADIENT_AS_AT_START(
            "gradient-as-at-start",
            "a flat loss, and the gradient norm is above a tenth of its start",
            doubts(SADDLE_POINT, 0.5)),

    // what the training loss tells
    ABSURD_FIRST_LOSS(
            "absurd-first-loss",
            "the first loss is above 100 x that of guessing",
            supports(UNSCALED_INPUTS, 2),
            doubts(LEARNING_RATE_TOO_HIGH, 0.5)),
    JUMP_AFTER_FIRST_UPDATE(
            "jump-after-first-update",
            "the first loss is plausible, and above 3 x that of guessing right after the first update",
            supports(LEARNING_RATE_TOO_HIGH, 0.8),
            doubts(UNSCALED_INPUTS, 0.1)),
    HIGH_FIRST_LOSS("high-first-loss", "the start loss is above 3 x that of guessing", supports(UNSCALED_INPUTS, 1.2)),
    PLAUSIBLE_FIRST_LOSS(
            "plausible-first-loss", "the start loss is below 1.5 x that of guessing", doubts(UNSCALED_INPUTS, 0.3)),
    LOSS_GREW("loss-grew", "the loss is above twice its first value", supports(LEARNING_RATE_TOO_HIGH, 0.3)),
    LOSS_OF_GUESSING(
            "loss-of-guessing",
            "little progress, and the loss is within 5 % of that of guessing",
            supports(NOISY_OR_UNINFORMATIVE_DATA, 0.1),
            doubts(INSUFFICIENT_CAPACITY, 0.3)),
    WILD_START(
            "wild-start",
            "the loss is that of guessing, began there, and was 15 % above it in between",
            supports(LEARNING_RATE_TOO_HIGH, 0.6),
            doubts(LEARNING_RATE_TOO_LOW, 0.3)),
    ACCURACY_STANDS_WITH_LOSS(
            "accuracy-stands-with-loss",
            "the loss repeats one value, and training and validation accuracy stand together above 75 %",
            supports(CLASS_IMBALANCE, 0.5)),
    LOSS_OF_MEAN(
            "loss-of-mean",
            "little progress, and the loss is within 5 % of that of answering the mean",
            supports(NOISY_OR_UNINFORMATIVE_DATA, 0.15),
            doubts(INSUFFICIENT_CAPACITY, 0.5)),
    SOME_PROGRESS(
            "some-progress",
            "little progress, but the loss has improved by more than 5 %",
            doubts(LEARNING_RATE_TOO_LOW, 0.6)),
    FLAT_TOGETHER(
            "flat-together",
            "training and validation loss are flat within 20 % of each other, below guessing",
            supports(INSUFFICIENT_CAPACITY, 0.4)),
    ABSURD_BATCH(
            "absurd-batch",
            "a batch costs more than 20 x what an untrained model pays",
            supports(CORRUPT_BATCH, 0.6),
            doubts(UNSTABLE_GRADIENTS, 0.5)),
    RECURRING(
            "recurring",
            "it is the third alert of its kind or a later one",
            supports(UNSTABLE_GRADIENTS, 0.2),
            doubts(CORRUPT_BATCH, 0.4)),
    SUDDEN_NON_FINITE(
            "sudden-non-finite",
            "loss and gradient were as usual one step before the loss became non-finite",
            supports(CORRUPT_BATCH, 0.5),
            doubts(LEARNING_RATE_TOO_HIGH, 0.4),
            doubts(UNSTABLE_GRADIENTS, 0.5)),
    ONLY_VALIDATION_STANDS(
            "only-validation-stands",
            "validation repeats one value while the training loss moves",
            supports(TRAIN_VALIDATION_MISMATCH, 0.8)),
    LOSS_MOVES(
            "loss-moves",
            "an accuracy repeats one value while the training loss moves",
            doubts(OPTIMIZER_NOT_STEPPING, 0.1),
            doubts(DYING_RELU, 0.2),
            doubts(UNSCALED_INPUTS, 0.3)),
    STANDS_AT_MAJORITY("stands-at-majority", "the accuracy that repeats is above 62 %", supports(CLASS_IMBALANCE, 0.3)),
    STANDS_BELOW_MAJORITY(
            "stands-below-majority",
            "the accuracy that repeats is 62 % at most",
            supports(NOISY_OR_UNINFORMATIVE_DATA, 0.4),
            doubts(CLASS_IMBALANCE, 0.3));

    private final String id;
    private final String condition;

    @SuppressWarnings("ImmutableEnumChecker") // It is a List.of.
    private final List<EvidenceEffect> effects;

    DiagnosisEvidence(String id, String condition, EvidenceEffect... effects) {
        this.id = id;
        this.condition = condition;
        this.effects = List.of(effects);
    }

    /** Kebab-case, as in the key of a weight. */
    public String id() {
        return id;
    }

    /** When it holds, in words. */
    public String condition() {
        return condition;
    }

    /** How it changes each cause. */
    public List<EvidenceEffect> effects() {
        return effects;
    }

    /** Its effect on a cause. */
    EvidenceEffect on(CauseCode cause) {
        for (EvidenceEffect effect : effects) {
            if (effect.cause() == cause) {
                return effect;
            }
        }
        throw new IllegalArgumentException(id + " has no effect on " + cause.code());
    }
}

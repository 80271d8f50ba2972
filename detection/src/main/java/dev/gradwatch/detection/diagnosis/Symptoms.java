package dev.gradwatch.detection.diagnosis;

import static dev.gradwatch.detection.diagnosis.CauseCode.*;

import dev.gradwatch.detection.state.RunState;

/** Which causes each detector's symptom points to by itself, before any clue. */
final class Symptoms {

    private Symptoms() {}

    static void suggest(String detector, RunState run, Weights weights, double share) {
        switch (detector) {
            case "non-finite-values" -> {
                if (run.progress().lastTrainLoss() != null
                        && Double.isFinite(run.progress().lastTrainLoss())) {
                    weights.suggest(MIXED_PRECISION_OVERFLOW, 0.5 * share);
                }
                weights.suggest(LEARNING_RATE_TOO_HIGH, 0.45 * share);
                weights.suggest(UNSTABLE_GRADIENTS, 0.3 * share);
                weights.suggest(CORRUPT_BATCH, 0.1 * share);
            }
            case "loss-divergence" -> {
                weights.suggest(LEARNING_RATE_TOO_HIGH, 0.6 * share);
                weights.suggest(UNSTABLE_GRADIENTS, 0.2 * share);
            }
            case "loss-spike" -> {
                weights.suggest(CORRUPT_BATCH, 0.4 * share);
                weights.suggest(UNSTABLE_GRADIENTS, 0.3 * share);
                weights.suggest(LEARNING_RATE_TOO_HIGH, 0.15 * share);
            }
            case "exploding-gradients" -> {
                weights.suggest(UNSTABLE_GRADIENTS, 0.4 * share);
                weights.suggest(LEARNING_RATE_TOO_HIGH, 0.3 * share);
                weights.suggest(CORRUPT_BATCH, 0.15 * share);
            }
            case "zero-gradients" -> {
                weights.suggest(UNSCALED_INPUTS, 0.4 * share);
                weights.suggest(DYING_RELU, 0.3 * share);
                weights.suggest(SATURATING_ACTIVATIONS, 0.1 * share);
            }
            case "dead-layers" -> {
                weights.suggest(LEARNING_RATE_TOO_HIGH, 0.45 * share);
                weights.suggest(DYING_RELU, 0.4 * share);
            }
            case "vanishing-gradients" -> weights.suggest(SATURATING_ACTIVATIONS, 0.7 * share);
            case "loss-plateau" -> {
                weights.suggest(LEARNING_RATE_TOO_LOW, 0.35 * share);
                weights.suggest(NOISY_OR_UNINFORMATIVE_DATA, 0.25 * share);
                weights.suggest(INSUFFICIENT_CAPACITY, 0.1 * share);
                weights.suggest(SADDLE_POINT, 0.1 * share);
            }
            case "constant-metrics" -> {
                weights.suggest(OPTIMIZER_NOT_STEPPING, 0.35 * share);
                weights.suggest(DYING_RELU, 0.25 * share);
                weights.suggest(UNSCALED_INPUTS, 0.15 * share);
                weights.suggest(CLASS_IMBALANCE, 0.1 * share);
            }
            case "frozen-updates" -> {
                weights.suggest(LEARNING_RATE_TOO_LOW, 0.5 * share);
                weights.suggest(OPTIMIZER_NOT_STEPPING, 0.3 * share);
            }
            case "unexpected-initial-loss" -> {
                if (run.registration() != null
                        && run.registration().classes() != null
                        && run.loss().start() < Math.log(run.registration().classes())) {
                    weights.suggest(WRONG_LOSS_OR_OUTPUT_ACTIVATION, 0.9 * share);
                } else {
                    weights.suggest(UNSCALED_INPUTS, 0.6 * share);
                }
            }
            case "overfitting" -> {
                weights.suggest(OVERFITTING, 0.6 * share);
                weights.suggest(INSUFFICIENT_DATA, 0.15 * share);
                weights.suggest(MISSING_REGULARIZATION, 0.15 * share);
            }
            case "silent-run" -> {
                if (run.progress().records() == 0) {
                    weights.suggest(LAUNCH_FAILURE, 0.9 * share);
                } else {
                    weights.suggest(INFRASTRUCTURE_FAULT, 0.6 * share);
                }
            }
            case "oscillating-loss" -> {
                weights.suggest(LEARNING_RATE_TOO_HIGH, 0.5 * share);
                weights.suggest(BATCH_TOO_SMALL, 0.25 * share);
                weights.suggest(UNSTABLE_GRADIENTS, 0.1 * share);
            }
            case "slow-convergence" -> {
                weights.suggest(LEARNING_RATE_TOO_LOW, 0.45 * share);
                weights.suggest(NOISY_OR_UNINFORMATIVE_DATA, 0.2 * share);
                weights.suggest(BATCH_TOO_LARGE, 0.1 * share);
                weights.suggest(INSUFFICIENT_CAPACITY, 0.1 * share);
            }
            case "no-generalization" -> {
                weights.suggest(NOISY_OR_UNINFORMATIVE_DATA, 0.4 * share);
                weights.suggest(OVERFITTING, 0.25 * share);
                weights.suggest(TRAIN_VALIDATION_MISMATCH, 0.2 * share);
            }
            case "validation-mismatch" -> weights.suggest(TRAIN_VALIDATION_MISMATCH, 0.6 * share);
            case "metric-plateau" -> {
                weights.suggest(OVERFITTING, 0.3 * share);
                weights.suggest(INSUFFICIENT_DATA, 0.1 * share);
                weights.suggest(TRAIN_VALIDATION_MISMATCH, 0.05 * share);
            }
            case "majority-class-collapse" -> {
                weights.suggest(CLASS_IMBALANCE, 0.6 * share);
                weights.suggest(NOISY_OR_UNINFORMATIVE_DATA, 0.2 * share);
            }
            case "oversized-updates" -> weights.suggest(LEARNING_RATE_TOO_HIGH, 0.6 * share);
            case "slow-steps" -> weights.suggest(INFRASTRUCTURE_FAULT, 0.7 * share);
            default -> {}
        }
    }
}

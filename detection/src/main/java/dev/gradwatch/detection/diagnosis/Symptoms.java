package dev.gradwatch.detection.diagnosis;

import static dev.gradwatch.detection.alert.CauseCode.*;

import dev.gradwatch.detection.state.RunState;

/** Which causes each detector's symptom points to by itself, before any clue. */
final class Symptoms {

    private Symptoms() {}

    static void suggest(String detector, RunState run, CauseScores scores, double share) {
        switch (detector) {
            case "non-finite-values" -> {
                if (run.progress().lastTrainLoss() != null
                        && Double.isFinite(run.progress().lastTrainLoss())) {
                    scores.suggest(MIXED_PRECISION_OVERFLOW, 0.5 * share);
                }
                scores.suggest(LEARNING_RATE_TOO_HIGH, 0.45 * share);
                scores.suggest(UNSTABLE_GRADIENTS, 0.3 * share);
                scores.suggest(CORRUPT_BATCH, 0.1 * share);
            }
            case "loss-divergence" -> {
                scores.suggest(LEARNING_RATE_TOO_HIGH, 0.6 * share);
                scores.suggest(UNSTABLE_GRADIENTS, 0.2 * share);
            }
            case "loss-spike" -> {
                scores.suggest(CORRUPT_BATCH, 0.4 * share);
                scores.suggest(UNSTABLE_GRADIENTS, 0.3 * share);
                scores.suggest(LEARNING_RATE_TOO_HIGH, 0.15 * share);
            }
            case "exploding-gradients" -> {
                scores.suggest(UNSTABLE_GRADIENTS, 0.4 * share);
                scores.suggest(LEARNING_RATE_TOO_HIGH, 0.3 * share);
                scores.suggest(CORRUPT_BATCH, 0.15 * share);
            }
            case "zero-gradients" -> {
                scores.suggest(UNSCALED_INPUTS, 0.4 * share);
                scores.suggest(DYING_RELU, 0.3 * share);
                scores.suggest(SATURATING_ACTIVATIONS, 0.1 * share);
            }
            case "dead-layers" -> {
                scores.suggest(LEARNING_RATE_TOO_HIGH, 0.45 * share);
                scores.suggest(DYING_RELU, 0.4 * share);
            }
            case "vanishing-gradients" -> scores.suggest(SATURATING_ACTIVATIONS, 0.7 * share);
            case "loss-plateau" -> {
                scores.suggest(LEARNING_RATE_TOO_LOW, 0.35 * share);
                scores.suggest(NOISY_OR_UNINFORMATIVE_DATA, 0.25 * share);
                scores.suggest(INSUFFICIENT_CAPACITY, 0.1 * share);
                scores.suggest(SADDLE_POINT, 0.1 * share);
            }
            case "constant-metrics" -> {
                scores.suggest(OPTIMIZER_NOT_STEPPING, 0.35 * share);
                scores.suggest(DYING_RELU, 0.25 * share);
                scores.suggest(UNSCALED_INPUTS, 0.15 * share);
                scores.suggest(CLASS_IMBALANCE, 0.1 * share);
            }
            case "frozen-updates" -> {
                scores.suggest(LEARNING_RATE_TOO_LOW, 0.5 * share);
                scores.suggest(OPTIMIZER_NOT_STEPPING, 0.3 * share);
            }
            case "unexpected-initial-loss" -> {
                if (run.registration() != null
                        && run.registration().classes() != null
                        && run.loss().start() < Math.log(run.registration().classes())) {
                    scores.suggest(WRONG_LOSS_OR_OUTPUT_ACTIVATION, 0.9 * share);
                } else {
                    scores.suggest(UNSCALED_INPUTS, 0.6 * share);
                }
            }
            case "overfitting" -> {
                scores.suggest(OVERFITTING, 0.6 * share);
                scores.suggest(INSUFFICIENT_DATA, 0.15 * share);
                scores.suggest(MISSING_REGULARIZATION, 0.15 * share);
            }
            case "silent-run" -> {
                if (run.progress().records() == 0) {
                    scores.suggest(LAUNCH_FAILURE, 0.9 * share);
                } else {
                    scores.suggest(INFRASTRUCTURE_FAULT, 0.6 * share);
                }
            }
            case "oscillating-loss" -> {
                scores.suggest(LEARNING_RATE_TOO_HIGH, 0.5 * share);
                scores.suggest(BATCH_TOO_SMALL, 0.25 * share);
                scores.suggest(UNSTABLE_GRADIENTS, 0.1 * share);
            }
            case "slow-convergence" -> {
                scores.suggest(LEARNING_RATE_TOO_LOW, 0.45 * share);
                scores.suggest(NOISY_OR_UNINFORMATIVE_DATA, 0.2 * share);
                scores.suggest(BATCH_TOO_LARGE, 0.1 * share);
                scores.suggest(INSUFFICIENT_CAPACITY, 0.1 * share);
            }
            case "no-generalization" -> {
                scores.suggest(NOISY_OR_UNINFORMATIVE_DATA, 0.4 * share);
                scores.suggest(OVERFITTING, 0.25 * share);
                scores.suggest(TRAIN_VALIDATION_MISMATCH, 0.2 * share);
            }
            case "validation-mismatch" -> scores.suggest(TRAIN_VALIDATION_MISMATCH, 0.6 * share);
            case "metric-plateau" -> {
                scores.suggest(OVERFITTING, 0.3 * share);
                scores.suggest(INSUFFICIENT_DATA, 0.1 * share);
                scores.suggest(TRAIN_VALIDATION_MISMATCH, 0.05 * share);
            }
            case "majority-class-collapse" -> {
                scores.suggest(CLASS_IMBALANCE, 0.6 * share);
                scores.suggest(NOISY_OR_UNINFORMATIVE_DATA, 0.2 * share);
            }
            case "oversized-updates" -> scores.suggest(LEARNING_RATE_TOO_HIGH, 0.6 * share);
            case "slow-steps" -> scores.suggest(INFRASTRUCTURE_FAULT, 0.7 * share);
            default -> {}
        }
    }
}

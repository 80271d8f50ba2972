package dev.gradwatch.detection.diagnosis;

import static dev.gradwatch.detection.diagnosis.CauseCode.*;

import dev.gradwatch.detection.detector.Words;
import dev.gradwatch.detection.state.Layers;
import dev.gradwatch.detection.state.NormCurve;
import dev.gradwatch.detection.state.RunState;

/** What gradients, layers and updates say. */
final class GradientClues {

    private static final double ALIVE = 1e-9;
    private static final double FROZEN_RATIO = 1e-6;
    private static final double NORMAL_RATIO = 1e-4;
    private static final double LARGE_RATIO = 0.1;
    private static final double JUMP = 10;
    private static final double CALM = 3;
    private static final int AGAIN = 2;
    private static final double TINY_SHARE = 0.01;
    private static final double MOST = 0.5;

    private GradientClues() {}

    static void weigh(Patient patient, Weights weights) {
        RunState run = patient.run();
        if (!patient.shows("non-finite-values")) {
            updates(patient, weights);
        }
        death(run, weights);
        layerNorms(run, weights);
        if (patient.shows("zero-gradients")) {
            cutGraph(run, weights);
        }
        if (patient.shows("dead-layers")) {
            bornDead(run.layers(), weights);
        }
        zeroFractions(run, weights);
        jump(patient, weights);
        if (patient.shows("loss-plateau", "slow-convergence")) {
            smallNorm(run, weights);
        }
        if (patient.shows("exploding-gradients", "vanishing-gradients", "non-finite-values", "loss-divergence")
                && run.layers().hasPlainRecurrent()) {
            weights.support(
                    UNSUITABLE_RECURRENT_ACTIVATION,
                    0.25,
                    "a layer is named like a plain recurrent one, through which gradients grow or die with every time step");
        }
    }

    private static void updates(Patient patient, Weights weights) {
        RunState run = patient.run();
        double ratio = run.layers().largestUpdateRatio();
        if (Double.isNaN(ratio)) {
            return;
        }
        boolean alive = run.norm().latest() > ALIVE;
        String seen = "the largest update is " + Words.number(ratio) + " of its weights";
        if (ratio == 0 && alive) {
            weights.support(OPTIMIZER_NOT_STEPPING, 1, "the weights do not change although the gradient is not zero");
            weights.doubt(LEARNING_RATE_TOO_LOW, 0.2, "the updates are exactly zero, not just small");
        } else if (ratio < FROZEN_RATIO && alive) {
            weights.support(LEARNING_RATE_TOO_LOW, 0.8, seen);
            weights.doubt(OPTIMIZER_NOT_STEPPING, 0.5, "the updates are small, not zero");
        } else if (ratio < NORMAL_RATIO && alive) {
            weights.support(LEARNING_RATE_TOO_LOW, 0.3, seen);
        } else if (ratio > LARGE_RATIO) {
            weights.support(LEARNING_RATE_TOO_HIGH, 0.4, seen);
            weights.doubt(LEARNING_RATE_TOO_LOW, 0.2, seen);
        }
        if (ratio > NORMAL_RATIO && ratio <= LARGE_RATIO) {
            weights.doubt(LEARNING_RATE_TOO_LOW, 0.4, seen + ", which is normal");
        }
        if (ratio > NORMAL_RATIO) {
            weights.doubt(OPTIMIZER_NOT_STEPPING, 0.1, seen);
        }
    }

    private static void death(RunState run, Weights weights) {
        if (run.norm().zeros() > 0 && run.norm().bornAlive()) {
            weights.support(LEARNING_RATE_TOO_HIGH, 0.2, "the gradient was alive at the first step and died later");
        }
    }

    /** Saturation and dead units leave the output layer's own gradient alive; a graph that was cut leaves nothing. */
    private static void cutGraph(RunState run, Weights weights) {
        NormCurve norm = run.norm();
        if (norm.count() > 0 && norm.zeros() == norm.count()) {
            String seen = "the gradient was zero from the very first step on";
            if (run.loss().first() < 3 * run.chanceLoss()) {
                weights.support(OPTIMIZER_NOT_STEPPING, 0.8, seen + ", after a plausible first loss");
                weights.remedy(
                        OPTIMIZER_NOT_STEPPING,
                        "look for a loss that is detached from the model, for parameters that need no gradient, and for a graph that was cut");
            }
        }
    }

    private static void bornDead(Layers layers, Weights weights) {
        boolean died = false;
        for (int i = 0; i < layers.size(); i++) {
            died |= layers.get(i).zeroRun() > 0 && layers.get(i).wasAlive();
        }
        if (!died) {
            String seen = "they never had a gradient, since the first step";
            weights.support(OPTIMIZER_NOT_STEPPING, 0.6, seen);
            weights.remedy(
                    OPTIMIZER_NOT_STEPPING,
                    "look for a graph that was cut (detach, no_grad) or layers frozen by mistake; register layers that are frozen on purpose");
            weights.doubt(LEARNING_RATE_TOO_HIGH, 0.2, seen);
            weights.doubt(DYING_RELU, 0.5, seen);
        }
    }

    private static void layerNorms(RunState run, Weights weights) {
        double ratio = run.layers().firstToLargest();
        // Where units are dead the gradient did not fade on its way.
        boolean fades = run.layers().size() >= 3 && !(run.layers().get(0).zeroFraction() > MOST);
        if (fades && ratio > 0 && ratio < 0.02) {
            weights.support(
                    SATURATING_ACTIVATIONS,
                    ratio < 1e-3 ? 0.6 : 0.3,
                    "the first layer gets " + Words.number(ratio) + " of the largest layer's gradient");
        } else if (ratio > 0.1) {
            weights.doubt(SATURATING_ACTIVATIONS, 0.3, "the first layer's gradient is no smaller than others");
        }
    }

    private static void zeroFractions(RunState run, Weights weights) {
        Layers layers = run.layers();
        double highest = 0;
        for (int i = 0; i < layers.size() - 1; i++) {
            highest = Math.max(highest, layers.get(i).zeroFraction());
        }
        if (highest >= 0.7) {
            weights.support(DYING_RELU, 0.3, Words.percent(highest) + " of a hidden layer's gradient is exactly zero");
        }
    }

    /** A loss that jumps without its gradient points to the data, one that takes the gradient along to the training. */
    private static void jump(Patient patient, Weights weights) {
        NormCurve norm = patient.run().norm();
        if (!patient.shows("loss-spike", "loss-divergence", "exploding-gradients") || norm.baselineSize() < 5) {
            return;
        }
        double times = norm.latest() / norm.baseline();
        if (patient.shows("loss-spike") && times < CALM) {
            weights.support(CORRUPT_BATCH, 0.2, "the gradient norm stayed near its level");
        }
        // Any single batch that costs much pushes much; it says something of the training when it comes again.
        boolean again =
                patient.shows("loss-divergence") || patient.run().alerts().openings(patient.detector()) >= AGAIN;
        if (times > JUMP && again) {
            weights.support(
                    UNSTABLE_GRADIENTS,
                    0.2,
                    "the gradient norm jumped with it, to " + Words.number(times) + " x its level");
        }
        if (times > JUMP || patient.shows("exploding-gradients")) {
            weights.remedy(
                    UNSTABLE_GRADIENTS,
                    "clip the global gradient norm at about " + Words.number(2 * norm.baseline())
                            + " (it is usually near " + Words.number(norm.baseline())
                            + "), lower the rate, add normalization");
        }
    }

    private static void smallNorm(RunState run, Weights weights) {
        NormCurve norm = run.norm();
        double early = norm.early();
        if (norm.count() >= 20 && norm.baseline() > ALIVE && norm.baseline() < TINY_SHARE * early) {
            weights.support(
                    SADDLE_POINT,
                    0.3,
                    "the gradient norm is small but not zero: " + Words.number(norm.baseline()) + ", at first "
                            + Words.number(early));
        } else if (norm.count() >= 20 && norm.baseline() > 0.1 * early) {
            weights.doubt(SADDLE_POINT, 0.5, "the gradient norm is as large as at the start");
        }
    }
}

package dev.gradwatch.detection.diagnosis;

import static dev.gradwatch.detection.diagnosis.CauseCode.*;

import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.detector.Words;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.Layers;
import dev.gradwatch.detection.state.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Names the probable causes of an alert from all that is known of the run: what the symptom points to, weighed by clues. Every clue is one
 * method that says in words what speaks for or against a cause. Runs only when an alert has something to say.
 */
public final class Diagnostician {

    private static final double ADAM_HIGH = 3e-2;
    private static final double SGD_HIGH = 1;
    private static final double RATE_LOW = 1e-6;
    private static final double FROZEN_RATIO = 1e-6;
    private static final double NORMAL_RATIO = 1e-4;
    private static final double LARGE_RATIO = 0.1;

    /** Ranks causes for an alert of a detector, whose fault also showed in {@code symptoms}. */
    public List<ProbableCause> diagnose(RunState run, String detector, List<String> symptoms) {
        Weights weights = new Weights();
        Symptoms.suggest(detector, run, weights, 1);
        for (String symptom : symptoms) {
            Symptoms.suggest(symptom, run, weights, 0.3);
        }
        if (detector.equals("silent-run")) {
            return weights.ranked();
        }
        startLoss(run, weights);
        blowUp(run, weights);
        updateRatio(run, weights);
        learningRate(run, weights);
        layerNorms(run, weights);
        zeroFractions(run, weights);
        return weights.ranked();
    }

    /** Fields that would sharpen the diagnosis of a detector's alert, and what for. */
    public List<String> missing(RunState run, String detector) {
        List<String> missing = new ArrayList<>();
        if (detector.equals("silent-run") || detector.equals("loss-spike")) {
            return missing;
        }
        if (run.layers().size() == 0) {
            missing.add("per-layer norms (would tell dead layers and saturation apart)");
        } else if (Double.isNaN(run.layers().largestUpdateRatio())) {
            missing.add("update norms (would tell a frozen optimizer apart)");
        }
        if (Double.isNaN(run.chanceLoss()) && !detector.equals("exploding-gradients")) {
            missing.add("loss and number of classes (would tell whether the first loss is plausible)");
        }
        return missing;
    }

    private static void startLoss(RunState run, Weights weights) {
        RunStarted registration = run.registration();
        double chance = run.chanceLoss();
        if (Double.isNaN(chance)
                || registration.resumed()
                || registration.pretrained()
                || run.loss().size() < 1) {
            return;
        }
        double first = run.loss().first();
        double start = run.loss().start();
        String usual = registration.classes() + " classes start near " + Words.number(chance);
        if (first < 1.5 * chance && start > 3 * chance) {
            String seen = "the first loss was " + Words.number(first) + ", as " + usual + ", and " + Words.number(start)
                    + " right after the first update";
            weights.support(LEARNING_RATE_TOO_HIGH, 0.8, seen);
            weights.doubt(UNSCALED_INPUTS, 0.1, seen);
        } else if (start > 3 * chance) {
            weights.support(UNSCALED_INPUTS, 1.2, "the first loss was " + Words.number(start) + "; " + usual);
        } else if (start < 1.5 * chance) {
            weights.doubt(UNSCALED_INPUTS, 0.3, "the first loss was " + Words.number(start) + "; " + usual);
        }
    }

    private static void blowUp(RunState run, Weights weights) {
        double first = run.loss().first();
        double level = run.loss().level();
        if (level > 2 * first && first > 0) {
            weights.support(
                    LEARNING_RATE_TOO_HIGH,
                    0.3,
                    "the loss went from " + Words.number(first) + " to " + Words.number(level));
        }
        if (run.norm().zeros() > 0 && run.norm().bornAlive()) {
            weights.support(LEARNING_RATE_TOO_HIGH, 0.2, "the gradient was alive at the first step and died later");
        }
    }

    private static void updateRatio(RunState run, Weights weights) {
        double ratio = run.layers().largestUpdateRatio();
        if (Double.isNaN(ratio)) {
            return;
        }
        String seen = "the largest update is " + Words.number(ratio) + " of its weights";
        if (ratio == 0 && run.norm().latest() > 1e-9) {
            weights.support(OPTIMIZER_NOT_STEPPING, 1, "the weights do not change although the gradient is not zero");
        } else if (ratio < FROZEN_RATIO && run.norm().latest() > 1e-9) {
            weights.support(LEARNING_RATE_TOO_LOW, 0.8, seen);
        } else if (ratio > LARGE_RATIO) {
            weights.support(LEARNING_RATE_TOO_HIGH, 0.4, seen);
            weights.doubt(LEARNING_RATE_TOO_LOW, 0.2, seen);
        } else if (ratio > NORMAL_RATIO) {
            weights.doubt(LEARNING_RATE_TOO_LOW, 0.4, seen + ", which is normal");
            weights.doubt(OPTIMIZER_NOT_STEPPING, 0.1, seen);
        }
    }

    private static void learningRate(RunState run, Weights weights) {
        double rate = rate(run);
        if (Double.isNaN(rate)) {
            return;
        }
        boolean sgd = run.registration() != null
                && run.registration().optimizer() != null
                && run.registration().optimizer().toLowerCase(Locale.ROOT).startsWith("sgd");
        String seen = "the learning rate is " + Words.number(rate);
        if (rate > (sgd ? SGD_HIGH : ADAM_HIGH) && run.registration() != null) {
            weights.support(LEARNING_RATE_TOO_HIGH, 0.5, seen);
            weights.remedy(
                    LEARNING_RATE_TOO_HIGH,
                    "lower the learning rate from " + Words.number(rate) + " to about " + (sgd ? "0.1" : "0.001")
                            + ", and restart from before the fault");
        } else if (rate > 0 && rate < RATE_LOW) {
            weights.support(LEARNING_RATE_TOO_LOW, 0.5, seen);
            weights.remedy(
                    LEARNING_RATE_TOO_LOW,
                    "raise the learning rate from " + Words.number(rate) + " to about " + (sgd ? "0.01" : "0.0001"));
        }
    }

    private static void layerNorms(RunState run, Weights weights) {
        double ratio = run.layers().firstToLargest();
        if (run.layers().size() >= 3 && ratio > 0 && ratio < 0.02) {
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

    private static double rate(RunState run) {
        if (!Double.isNaN(run.learningRate().peak())) {
            return run.learningRate().peak();
        }
        RunStarted registration = run.registration();
        return registration == null || registration.learningRate() == null ? Double.NaN : registration.learningRate();
    }
}

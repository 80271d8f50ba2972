package dev.gradwatch.detection.diagnosis;

import static dev.gradwatch.detection.alert.CauseCode.*;
import static dev.gradwatch.detection.detector.SymptomTrait.*;

import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.state.Layers;
import dev.gradwatch.detection.state.NormCurve;
import dev.gradwatch.detection.state.RunState;

/** What gradients, layers and updates say. */
final class GradientEvidence {

    /** Gradient norm above which there is something to learn. As in the detector of frozen updates. */
    private static final double ALIVE = 1e-9;

    /** Update ratio: below a millionth float32 weights do not change. As in the detector of frozen updates. */
    private static final double FROZEN_RATIO = 1e-6;

    /** Update ratio: usual ones are 1e-3; a tenth of that still learns. */
    private static final double NORMAL_RATIO = 1e-4;

    /** Update ratio: a tenth of the weights in one step. As in the detector of oversized updates. */
    private static final double LARGE_RATIO = 0.1;

    /** Multiple of the baseline norm that is a jump. As in the detector of exploding gradients. */
    private static final double JUMP = 10;

    /** Multiple of the baseline norm below which the norm did not jump. Set by eye on recorded runs. */
    private static final double CALM = 3;

    /** Alerts of a kind that are a repetition: the second one. */
    private static final int AGAIN = 2;

    /** Share of the first norms. As in the detector of vanishing gradients. */
    private static final double TINY_SHARE = 0.01;

    /** Share of a layer's gradient that is exactly zero: above one half its units are dead. */
    private static final double MOST = 0.5;

    private GradientEvidence() {}

    static void weigh(DiagnosisContext context, CauseScores scores) {
        RunState run = context.run();
        if (!context.has(NON_FINITE)) {
            updates(context, scores);
        }
        death(run, scores);
        layerNorms(run, scores);
        if (context.has(NO_GRADIENT)) {
            cutGraph(run, scores);
        }
        if (context.has(DEAD_LAYERS)) {
            bornDead(run.layers(), scores);
        }
        zeroFractions(run, scores);
        jump(context, scores);
        if (context.has(FLAT_LOSS)) {
            smallNorm(run, scores);
        }
        if (context.has(GRADIENT_SCALE) && run.layers().hasPlainRecurrent()) {
            scores.weigh(
                    DiagnosisEvidence.PLAIN_RECURRENT_LAYER,
                    UNSUITABLE_RECURRENT_ACTIVATION,
                    "a layer is named like a plain recurrent one, through which gradients grow or die with every time step");
        }
    }

    private static void updates(DiagnosisContext context, CauseScores scores) {
        RunState run = context.run();
        double ratio = run.layers().largestUpdateRatio();
        if (Double.isNaN(ratio)) {
            return;
        }
        boolean alive = run.norm().latest() > ALIVE;
        String seen = "the largest update is " + NumberText.number(ratio) + " of its weights";
        if (ratio == 0 && alive) {
            scores.weigh(
                    DiagnosisEvidence.ZERO_UPDATES,
                    OPTIMIZER_NOT_STEPPING,
                    "the weights do not change although the gradient is not zero");
            scores.weigh(
                    DiagnosisEvidence.ZERO_UPDATES,
                    LEARNING_RATE_TOO_LOW,
                    "the updates are exactly zero, not just small");
        } else if (ratio < FROZEN_RATIO && alive) {
            scores.weigh(DiagnosisEvidence.TINY_UPDATES, LEARNING_RATE_TOO_LOW, seen);
            scores.weigh(DiagnosisEvidence.TINY_UPDATES, OPTIMIZER_NOT_STEPPING, "the updates are small, not zero");
        } else if (ratio < NORMAL_RATIO && alive) {
            scores.weigh(DiagnosisEvidence.SMALL_UPDATES, LEARNING_RATE_TOO_LOW, seen);
        } else if (ratio > LARGE_RATIO) {
            scores.weigh(DiagnosisEvidence.LARGE_UPDATES, LEARNING_RATE_TOO_HIGH, seen);
            scores.weigh(DiagnosisEvidence.LARGE_UPDATES, LEARNING_RATE_TOO_LOW, seen);
        }
        if (ratio > NORMAL_RATIO && ratio <= LARGE_RATIO) {
            scores.weigh(DiagnosisEvidence.NORMAL_UPDATES, LEARNING_RATE_TOO_LOW, seen + ", which is normal");
        }
        if (ratio > NORMAL_RATIO) {
            scores.weigh(DiagnosisEvidence.MOVING_WEIGHTS, OPTIMIZER_NOT_STEPPING, seen);
        }
    }

    private static void death(RunState run, CauseScores scores) {
        if (run.norm().zeros() > 0 && run.norm().beganNonZero()) {
            scores.weigh(
                    DiagnosisEvidence.GRADIENT_DIED,
                    LEARNING_RATE_TOO_HIGH,
                    "the gradient was alive at the first step and died later");
        }
    }

    /** Saturation and dead units leave the output layer's own gradient alive; a graph that was cut leaves nothing. */
    private static void cutGraph(RunState run, CauseScores scores) {
        NormCurve norm = run.norm();
        if (norm.count() > 0 && norm.zeros() == norm.count()) {
            String seen = "the gradient was zero from the very first step on";
            if (run.loss().first() < 3 * run.chanceLoss()) {
                scores.weigh(
                        DiagnosisEvidence.NO_GRADIENT_FROM_START,
                        OPTIMIZER_NOT_STEPPING,
                        seen + ", after a plausible first loss");
                scores.remedy(
                        OPTIMIZER_NOT_STEPPING,
                        "look for a loss that is detached from the model, for parameters that need no gradient, and for a graph that was cut");
            }
        }
    }

    private static void bornDead(Layers layers, CauseScores scores) {
        boolean died = false;
        for (int i = 0; i < layers.size(); i++) {
            died |= layers.get(i).zeroRun() > 0 && layers.get(i).wasAlive();
        }
        if (!died) {
            String seen = "they never had a gradient, since the first step";
            scores.weigh(DiagnosisEvidence.LAYERS_NEVER_ALIVE, OPTIMIZER_NOT_STEPPING, seen);
            scores.remedy(
                    OPTIMIZER_NOT_STEPPING,
                    "look for a graph that was cut (detach, no_grad) or layers frozen by mistake; register layers that are frozen on purpose");
            scores.weigh(DiagnosisEvidence.LAYERS_NEVER_ALIVE, LEARNING_RATE_TOO_HIGH, seen);
            scores.weigh(DiagnosisEvidence.LAYERS_NEVER_ALIVE, DYING_RELU, seen);
        }
    }

    private static void layerNorms(RunState run, CauseScores scores) {
        double ratio = run.layers().firstToLargest();
        // Where units are dead the gradient did not fade on its way.
        boolean fades = run.layers().size() >= 3 && !(run.layers().get(0).zeroFraction() > MOST);
        if (fades && ratio > 0 && ratio < 0.02) {
            scores.weigh(
                    ratio < 1e-3 ? DiagnosisEvidence.FIRST_LAYER_VANISHED : DiagnosisEvidence.FIRST_LAYER_FADED,
                    SATURATING_ACTIVATIONS,
                    "the first layer gets " + NumberText.number(ratio) + " of the largest layer's gradient");
        } else if (ratio > 0.1) {
            scores.weigh(
                    DiagnosisEvidence.FIRST_LAYER_KEPT,
                    SATURATING_ACTIVATIONS,
                    "the first layer's gradient is no smaller than others");
        }
    }

    private static void zeroFractions(RunState run, CauseScores scores) {
        Layers layers = run.layers();
        double highest = 0;
        for (int i = 0; i < layers.size() - 1; i++) {
            highest = Math.max(highest, layers.get(i).zeroFraction());
        }
        if (highest >= 0.7) {
            scores.weigh(
                    DiagnosisEvidence.ZEROS_IN_HIDDEN_LAYER,
                    DYING_RELU,
                    NumberText.percent(highest) + " of a hidden layer's gradient is exactly zero");
        }
    }

    /** A loss that jumps without its gradient points to the data, one that takes the gradient along to the training. */
    private static void jump(DiagnosisContext context, CauseScores scores) {
        NormCurve norm = context.run().norm();
        if (!context.has(LOSS_JUMP, LOSS_RISE, GRADIENT_JUMP) || norm.baselineSize() < 5) {
            return;
        }
        double times = norm.latest() / norm.baseline();
        if (context.has(LOSS_JUMP) && times < CALM) {
            scores.weigh(DiagnosisEvidence.CALM_GRADIENT, CORRUPT_BATCH, "the gradient norm stayed near its level");
        }
        // Any single batch that costs much pushes much; it says something of the training when it comes again.
        boolean again = context.has(LOSS_RISE)
                || context.run().alerts().openings(context.entry().id()) >= AGAIN;
        if (times > JUMP && again) {
            scores.weigh(
                    DiagnosisEvidence.GRADIENT_JUMPED,
                    UNSTABLE_GRADIENTS,
                    "the gradient norm jumped with it, to " + NumberText.number(times) + " x its level");
        }
        if (times > JUMP || context.has(GRADIENT_JUMP)) {
            scores.remedy(
                    UNSTABLE_GRADIENTS,
                    "clip the global gradient norm at about " + NumberText.number(2 * norm.baseline())
                            + " (it is usually near " + NumberText.number(norm.baseline())
                            + "), lower the rate, add normalization");
        }
    }

    private static void smallNorm(RunState run, CauseScores scores) {
        NormCurve norm = run.norm();
        double early = norm.early();
        if (norm.count() >= 20 && norm.baseline() > ALIVE && norm.baseline() < TINY_SHARE * early) {
            scores.weigh(
                    DiagnosisEvidence.SMALL_GRADIENT,
                    SADDLE_POINT,
                    "the gradient norm is small but not zero: " + NumberText.number(norm.baseline()) + ", at first "
                            + NumberText.number(early));
        } else if (norm.count() >= 20 && norm.baseline() > 0.1 * early) {
            scores.weigh(
                    DiagnosisEvidence.GRADIENT_AS_AT_START,
                    SADDLE_POINT,
                    "the gradient norm is as large as at the start");
        }
    }
}

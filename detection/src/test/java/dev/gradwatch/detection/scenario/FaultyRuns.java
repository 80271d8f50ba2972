package dev.gradwatch.detection.scenario;

import dev.gradwatch.detection.event.RunStarted;
import java.util.LinkedHashMap;
import java.util.Map;

/** One sick run for each detector, by the detector's id. */
public final class FaultyRuns {

    private FaultyRuns() {}

    /** Every sick run by the id of the detector that must find it. */
    public static Map<String, RunLog> all() {
        Map<String, RunLog> runs = new LinkedHashMap<>();
        runs.put("suspicious-settings", suspicious());
        runs.put("non-finite-values", nonFinite());
        runs.put("implausible-loss", FaultyFamilies.zeroAtChance(0));
        runs.put("majority-class-collapse", FaultyEpochs.majorityClass());
        runs.put("constant-metrics", constant());
        runs.put("zero-gradients", zeroGradients());
        runs.put("dead-layers", deadLayers());
        runs.put("frozen-updates", frozen());
        runs.put("unexpected-initial-loss", unscaled());
        runs.put("loss-spike", spike());
        runs.put("exploding-gradients", exploding());
        runs.put("vanishing-gradients", vanishing());
        runs.put("loss-divergence", divergence());
        runs.put("loss-plateau", plateau());
        runs.put("overfitting", FaultyEpochs.overfitting());
        runs.put("no-generalization", FaultyEpochs.shuffledLabels());
        runs.put("oscillating-loss", FaultyEpochs.oscillating());
        runs.put("slow-convergence", slow());
        runs.put("metric-plateau", FaultyEpochs.standingValidation());
        runs.put("validation-mismatch", FaultyEpochs.mismatch());
        runs.put("oversized-updates", oversized());
        runs.put("slow-steps", slowSteps());
        runs.put("silent-run", silent());
        return runs;
    }

    /** NaN from step 120 on. */
    public static RunLog nonFinite() {
        RunLog log = learning(RunLog.of("nan"), 120);
        for (int i = 0; i < 40; i++) {
            log.step(Double.NaN, Double.NaN);
        }
        return log;
    }

    /** The loss never moves by one digit. */
    public static RunLog constant() {
        SyntheticCurve curve = new SyntheticCurve(1);
        RunLog log = RunLog.of("constant");
        for (int i = 0; i < 40; i++) {
            log.step(0.6931471805599453, curve.noisy(1, 0.1));
        }
        return log;
    }

    /** The gradient is gone from step 60 on. */
    public static RunLog zeroGradients() {
        RunLog log = learning(RunLog.of("zero"), 60);
        SyntheticCurve curve = new SyntheticCurve(2);
        for (int i = 0; i < 40; i++) {
            log.step(curve.noisy(1.9, 0.05), 0.0);
        }
        return log;
    }

    /** Two of six layers die at step 80. */
    public static RunLog deadLayers() {
        SyntheticCurve curve = new SyntheticCurve(3);
        RunLog log = RunLog.of("dead");
        for (int i = 0; i < 160; i++) {
            double norm = curve.noisy(1, 0.1);
            double loss = curve.noisy(SyntheticCurve.decay(2.3, 1.5, 60, i), 0.03);
            log.step(loss, norm, 1e-3, i < 80 ? LayerStack.healthy(6, norm) : LayerStack.withDead(6, norm, 1, 2));
        }
        return log;
    }

    /** A learning rate of 1e-10: epochs of 30 steps. */
    public static RunLog frozen() {
        SyntheticCurve curve = new SyntheticCurve(4);
        RunLog log = RunLog.of("frozen")
                .started(HealthyRuns.tenClasses().learningRate(1e-10).build());
        for (int i = 0; i < 150; i++) {
            double norm = curve.noisy(1.2, 0.05);
            log.step(curve.noisy(2.31, 0.05), norm, 1e-10, LayerStack.updating(3, norm, 1e-9));
            if (i % 30 == 29) {
                log.epoch(2.31, curve.noisy(2.31, 0.005));
            }
        }
        return log;
    }

    /** Inputs from 0 to 255: the first loss is that of no untrained classifier. */
    public static RunLog unscaled() {
        SyntheticCurve curve = new SyntheticCurve(5);
        RunLog log = RunLog.of("unscaled").started(HealthyRuns.tenClasses().build());
        for (int i = 0; i < 30; i++) {
            log.step(curve.noisy(SyntheticCurve.decay(150, 20, 10, i), 0.1), curve.noisy(80, 0.2));
        }
        return log;
    }

    /** Means of ten steps, one of which is four times what it should be. */
    public static RunLog spike() {
        SyntheticCurve curve = new SyntheticCurve(6);
        RunLog log = RunLog.of("spike");
        for (int i = 0; i < 120; i++) {
            double loss = curve.noisy(SyntheticCurve.decay(3, 1, 40, i), 0.02);
            log.at(10L * i, 0).step(i == 80 ? 4 * loss : loss, curve.noisy(1, 0.1));
        }
        return log;
    }

    /** Two bursts of the norm, twenty steps apart. */
    public static RunLog exploding() {
        SyntheticCurve curve = new SyntheticCurve(7);
        RunLog log = RunLog.of("exploding");
        for (int i = 0; i < 150; i++) {
            boolean burst = i == 80 || i == 100;
            log.step(curve.noisy(SyntheticCurve.decay(3, 1, 40, i), 0.02), curve.noisy(burst ? 30 : 1, 0.1));
        }
        return log;
    }

    /** Eight layers that shrink the gradient to a third each, and a loss that stays. */
    public static RunLog vanishing() {
        SyntheticCurve curve = new SyntheticCurve(8);
        RunLog log = RunLog.of("vanishing");
        for (int i = 0; i < 150; i++) {
            double norm = curve.noisy(1, 0.05);
            log.step(curve.noisy(2.303, 0.02), norm, 1e-3, LayerStack.shrinking(8, norm, 1 / 3.0));
            if (i % 30 == 29) {
                log.epoch(2.303, null);
            }
        }
        return log;
    }

    /** Falls for 150 steps and then rises above where it started. */
    public static RunLog divergence() {
        SyntheticCurve curve = new SyntheticCurve(9);
        RunLog log = RunLog.of("divergence");
        for (int i = 0; i < 400; i++) {
            double loss = i < 150 ? SyntheticCurve.decay(3, 0.5, 50, i) : Math.min(8, 0.6 + 0.05 * (i - 150));
            log.step(curve.noisy(loss, 0.03), curve.noisy(1, 0.1));
        }
        return log;
    }

    /** Noise around one level, from the first step on. */
    public static RunLog plateau() {
        SyntheticCurve curve = new SyntheticCurve(10);
        RunLog log = RunLog.of("plateau");
        for (int i = 0; i < 300; i++) {
            log.step(curve.noisy(2.3, 0.02), curve.noisy(1, 0.1));
        }
        return log;
    }

    /** A learning rate for another optimizer, noted before the first step. */
    public static RunLog suspicious() {
        return learning(
                RunLog.of("suspicious")
                        .started(HealthyRuns.tenClasses().learningRate(0.5).build()),
                40);
    }

    /** A rate twenty times too low: twelve epochs for seven parts in a hundred of the loss. */
    public static RunLog slow() {
        SyntheticCurve curve = new SyntheticCurve(12);
        RunLog log = RunLog.of("slow")
                .started(RunStarted.builder()
                        .plannedEpochs(12)
                        .learningRate(5e-5)
                        .build());
        for (int i = 0; i < 480; i++) {
            double norm = curve.noisy(1, 0.1);
            log.at(i, (i + 1) / 40.0)
                    .step(curve.noisy(2 - 0.14 * i / 480, 0.004), norm, 5e-5, LayerStack.updating(3, norm, 2e-5));
        }
        return log;
    }

    /** Every step changes a layer by a third of its weights. */
    public static RunLog oversized() {
        SyntheticCurve curve = new SyntheticCurve(13);
        RunLog log = RunLog.of("oversized");
        for (int i = 0; i < 120; i++) {
            double norm = curve.noisy(1, 0.1);
            log.step(
                    curve.noisy(SyntheticCurve.decay(2, 0.8, 50, i), 0.03),
                    norm,
                    1e-2,
                    LayerStack.updating(3, norm, 0.3));
            if (i % 30 == 29) {
                log.epoch(SyntheticCurve.decay(2, 0.8, 50, i), null);
            }
        }
        return log;
    }

    /** A step a second, and from step 200 on one in two seconds. */
    public static RunLog slowSteps() {
        SyntheticCurve curve = new SyntheticCurve(14);
        RunLog log = RunLog.of("slow-steps");
        for (int i = 0; i < 400; i++) {
            log.after(i < 200 ? 0 : 1).step(curve.noisy(SyntheticCurve.decay(3, 1, 120, i), 0.03), curve.noisy(1, 0.1));
        }
        return log;
    }

    /** A step a second, and then nothing for two minutes, seven, and an hour. */
    public static RunLog silent() {
        return learning(RunLog.of("silent"), 50).silence(130).silence(420).silence(3600);
    }

    /** Honest learning for a number of steps, from wherever the log is. */
    public static RunLog learning(RunLog log, int steps) {
        SyntheticCurve curve = new SyntheticCurve(99 + log.nextStep());
        for (int i = 0; i < steps; i++) {
            log.step(curve.noisy(SyntheticCurve.decay(3, 0.8, 60, (int) log.nextStep()), 0.03), curve.noisy(1, 0.1));
        }
        return log;
    }
}

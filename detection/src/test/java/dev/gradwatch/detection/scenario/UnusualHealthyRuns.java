package dev.gradwatch.detection.scenario;

import dev.gradwatch.detection.event.RunStarted;
import java.util.List;
import java.util.Map;

/** Sound runs that look sick to somebody who knows only the usual ones. */
final class UnusualHealthyRuns {

    private UnusualHealthyRuns() {}

    static List<RunLog> kinds(int seed) {
        return List.of(
                noiseFloor(seed),
                cosineSimilarity(seed),
                batchesOfFour(seed),
                warmRestarts(seed),
                staircase(seed),
                adversarial(seed),
                smallValidation(seed),
                mixedPrecision(seed),
                seldomValidated(seed),
                sixEvaluations(seed),
                unevenSteps(seed),
                clipped(seed),
                attempts(seed),
                slowStart(seed),
                pretrained(seed),
                dropout(seed));
    }

    /** A regression that has gained 60 % by step 150 and rests on the noise of its targets for 450 more. */
    static RunLog noiseFloor(int seed) {
        SyntheticCurve curve = new SyntheticCurve(2000 + seed);
        RunLog log = RunLog.of("noise-floor-" + seed)
                .started(RunStarted.builder()
                        .loss("mse")
                        .optimizer("adam")
                        .learningRate(1e-3)
                        .build());
        for (int i = 0; i < 600; i++) {
            double norm = curve.noisy(0.5, 0.2);
            log.at(i, (i + 1) / 30.0)
                    .step(
                            curve.noisy(SyntheticCurve.decay(1, 0.4, 30, i), 0.06),
                            norm,
                            1e-3,
                            LayerStack.healthy(3, norm));
        }
        return log.finished();
    }

    /** The negative cosine similarity of two views: from -0.74 to -0.99. */
    static RunLog cosineSimilarity(int seed) {
        SyntheticCurve curve = new SyntheticCurve(2100 + seed);
        RunLog log = RunLog.of("cosine-similarity-" + seed)
                .started(RunStarted.builder().loss("negative-cosine-similarity").build());
        for (int i = 0; i < 80; i++) {
            log.epoch(SyntheticCurve.decay(-0.74, -0.99, 20, i) + curve.noise(0.003), null, null, null, 0.03);
        }
        return log.finished();
    }

    /** Batches of four samples: a single loss may be anything from a tenth to four times its level. */
    static RunLog batchesOfFour(int seed) {
        SyntheticCurve curve = new SyntheticCurve(2200 + seed);
        RunLog log = RunLog.of("batches-of-four-" + seed)
                .started(HealthyRuns.tenClasses()
                        .batchSize(4)
                        .stepsPerEpoch(250L)
                        .build());
        for (int i = 0; i < 2000; i++) {
            double level = SyntheticCurve.decay(2.3, 0.4, 400, i);
            log.step(curve.noisy(level, 0.5), curve.noisy(3, 0.6), 1e-3, List.of());
            if (i % 250 == 249) {
                log.epoch(level, curve.noisy(1.05 * level, 0.02));
            }
        }
        return log.finished();
    }

    /** Four cosines, each of which begins at the full rate again and throws the loss back a little. */
    static RunLog warmRestarts(int seed) {
        SyntheticCurve curve = new SyntheticCurve(2300 + seed);
        RunLog log = RunLog.of("warm-restarts-" + seed);
        for (int i = 0; i < 800; i++) {
            int cycle = i / 200;
            int at = i % 200;
            double floor = 1.2 - 0.2 * cycle;
            double level = i < 200
                    ? SyntheticCurve.decay(3, floor, 50, at)
                    : SyntheticCurve.decay(1.2 * (floor + 0.2), floor, 50, at);
            log.at(i, i / 40.0)
                    .step(
                            curve.noisy(level, 0.03),
                            curve.noisy(1, 0.15),
                            SyntheticCurve.cosine(0.1, at, 1, 200),
                            List.of());
        }
        return log.finished();
    }

    /** Three epochs of fine-tuning on few samples: the loss steps down at every epoch's border, and the validation loss ends above its best. */
    static RunLog staircase(int seed) {
        SyntheticCurve curve = new SyntheticCurve(2400 + seed);
        RunLog log = RunLog.of("staircase-" + seed)
                .started(RunStarted.builder()
                        .profile("language-model")
                        .loss("cross-entropy")
                        .optimizer("adamw")
                        .learningRate(2e-5)
                        .pretrained(true)
                        .plannedEpochs(3)
                        .build());
        double[] levels = {1.9, 1.45, 1.1};
        double[] validations = {1.72, 1.66, 1.69};
        for (int epoch = 0; epoch < 3; epoch++) {
            for (int k = 0; k < 120; k++) {
                int i = 120 * epoch + k;
                log.at(10L * i, (i + 1) / 120.0)
                        .step(
                                curve.noisy(levels[epoch] * (1 - 0.0003 * k), 0.04),
                                curve.noisy(2, 0.2),
                                2e-5 * (1 - i / 360.0),
                                List.of());
            }
            log.at(1200L * (epoch + 1), epoch).epoch(null, validations[epoch], null, null, null);
        }
        return log.finished();
    }

    /** Generator and discriminator: two losses that swing around 0.7 and are not meant to fall. */
    static RunLog adversarial(int seed) {
        SyntheticCurve curve = new SyntheticCurve(2500 + seed);
        RunLog log = RunLog.of("adversarial-" + seed)
                .started(RunStarted.builder()
                        .profile("adversarial")
                        .optimizer("adam")
                        .learningRate(2e-4)
                        .build());
        for (int i = 0; i < 1200; i++) {
            double swing = 1 + 0.35 * Math.sin(i / 17.0) + 0.2 * Math.sin(i / 5.0);
            log.step(curve.noisy(0.7 * swing, 0.15), curve.noisy(1.5, 0.4), 2e-4, List.of());
            if (i % 40 == 39) {
                log.epoch(0.7 * swing, curve.noisy(0.7, 0.2));
            }
        }
        return log.finished();
    }

    /** Twenty validation samples: accuracy moves in steps of five points and mostly stands. */
    static RunLog smallValidation(int seed) {
        SyntheticCurve curve = new SyntheticCurve(2700 + seed);
        RunLog log = RunLog.of("small-validation-" + seed)
                .started(HealthyRuns.tenClasses().build());
        for (int i = 0; i < 40; i++) {
            double accuracy = 0.05 * Math.floor(20 * (0.86 - 0.7 * Math.exp(-i / 6.0)));
            log.epoch(
                    curve.noisy(SyntheticCurve.decay(2.3, 0.2, 12, i), 0.01),
                    curve.noisy(SyntheticCurve.decay(2.3, 0.45, 8, i), 0.04),
                    0.95 - 0.8 * Math.exp(-i / 8.0),
                    accuracy,
                    1e-3);
        }
        return log.finished();
    }

    /** Loss scaling skips one step of three hundred. */
    static RunLog mixedPrecision(int seed) {
        SyntheticCurve curve = new SyntheticCurve(2800 + seed);
        RunLog log = RunLog.of("mixed-precision-" + seed)
                .started(HealthyRuns.tenClasses()
                        .tags(Map.of("mixed_precision", "fp16"))
                        .build());
        for (int i = 0; i < 300; i++) {
            double norm = i == 140 + seed ? Double.POSITIVE_INFINITY : curve.noisy(1, 0.2);
            log.step(curve.noisy(SyntheticCurve.decay(2.3, 0.3, 80, i), 0.05), norm, 1e-3, List.of());
        }
        return log.finished();
    }

    /** An evaluation after every five hundred steps, and no epochs at all. */
    static RunLog seldomValidated(int seed) {
        SyntheticCurve curve = new SyntheticCurve(2900 + seed);
        RunLog log = RunLog.of("seldom-validated-" + seed)
                .started(RunStarted.builder()
                        .loss("cross-entropy")
                        .profile("language-model")
                        .build());
        for (int i = 0; i < 400; i++) {
            double level = SyntheticCurve.decay(8, 3, 90, i);
            log.at(25L * i, 0).step(curve.noisy(level, 0.02), curve.noisy(1, 0.15));
            if (i % 20 == 19) {
                log.at(25L * i + 1, i / 200.0).epoch(null, curve.noisy(1.02 * level, 0.005), null, null, null);
            }
        }
        return log.finished();
    }

    /** Six evaluations in all, the last one a little above the best. */
    static RunLog sixEvaluations(int seed) {
        SyntheticCurve curve = new SyntheticCurve(3000 + seed);
        RunLog log = RunLog.of("six-evaluations-" + seed)
                .started(HealthyRuns.tenClasses().plannedEpochs(6).build());
        double[] validation = {1.1, 0.72, 0.55, 0.49, 0.47, 0.475};
        for (int i = 0; i < 6; i++) {
            log.epoch(
                    curve.noisy(SyntheticCurve.decay(1.5, 0.25, 1.5, i), 0.02),
                    curve.noisy(validation[i], 0.01),
                    0.5 + 0.08 * i,
                    0.6 + 0.05 * i,
                    1e-3);
        }
        return log.finished();
    }

    /** Every step at first, then every tenth, then every hundredth. */
    static RunLog unevenSteps(int seed) {
        SyntheticCurve curve = new SyntheticCurve(3100 + seed);
        RunLog log = RunLog.of("uneven-steps-" + seed);
        long step = 0;
        for (int i = 0; i < 400; i++) {
            int stride = i < 100 ? 1 : i < 250 ? 10 : 100;
            step += stride;
            log.at(step, 0)
                    .after(stride)
                    .step(
                            curve.noisy(SyntheticCurve.decay(5, 1.5, 600, (int) step), 0.1 / Math.sqrt(stride)),
                            curve.noisy(1, 0.2),
                            null,
                            List.of());
        }
        return log.finished();
    }

    /** Norms that are logged after clipping: exactly 1 for long stretches. */
    static RunLog clipped(int seed) {
        SyntheticCurve curve = new SyntheticCurve(3200 + seed);
        RunLog log = RunLog.of("clipped-" + seed)
                .started(HealthyRuns.tenClasses().clipThreshold(1.0).build());
        for (int i = 0; i < 500; i++) {
            log.step(
                    curve.noisy(SyntheticCurve.decay(2.3, 0.3, 120, i), 0.05),
                    Math.min(1, curve.noisy(2.5, 0.4)),
                    1e-3,
                    List.of());
        }
        return log.finished();
    }

    /** Interrupted twice and resumed, each time from a checkpoint some steps before. */
    static RunLog attempts(int seed) {
        SyntheticCurve curve = new SyntheticCurve(3300 + seed);
        RunLog log =
                RunLog.of("attempts-" + seed).started(HealthyRuns.tenClasses().build());
        int[][] stretches = {{0, 200}, {150, 420}, {400, 700}};
        for (int[] stretch : stretches) {
            if (stretch[0] > 0) {
                log.attempt(stretch[0], stretch[0] / 50.0)
                        .started(HealthyRuns.tenClasses().resumed(true).build());
            }
            for (int i = stretch[0]; i < stretch[1]; i++) {
                double norm = curve.noisy(1, 0.2);
                log.at(i, (i + 1) / 50.0)
                        .step(
                                curve.noisy(SyntheticCurve.decay(2.3, 0.3, 150, i), 0.05),
                                norm,
                                1e-3,
                                LayerStack.healthy(4, norm));
            }
        }
        return log.finished();
    }

    /** Sixty steps at what guessing costs before the loss gets going. */
    static RunLog slowStart(int seed) {
        SyntheticCurve curve = new SyntheticCurve(3400 + seed);
        RunLog log = RunLog.of("slow-start-" + seed)
                .started(HealthyRuns.tenClasses()
                        .stepsPerEpoch(500L)
                        .plannedEpochs(10)
                        .build());
        for (int i = 0; i < 800; i++) {
            double norm = curve.noisy(1, 0.2);
            double level = i < 60 ? 2.303 : SyntheticCurve.decay(2.303, 0.4, 200, i - 60);
            log.at(i, i / 500.0).step(curve.noisy(level, 0.02), norm, 1e-3, LayerStack.healthy(5, norm));
        }
        return log.finished();
    }

    /** Fine-tuning that gains a tenth: the validation loss begins at its best. */
    static RunLog pretrained(int seed) {
        SyntheticCurve curve = new SyntheticCurve(3500 + seed);
        RunLog log = RunLog.of("pretrained-" + seed)
                .started(HealthyRuns.tenClasses()
                        .pretrained(true)
                        .learningRate(1e-5)
                        .build());
        for (int i = 0; i < 15; i++) {
            log.epoch(
                    curve.noisy(SyntheticCurve.decay(0.42, 0.3, 6, i), 0.01),
                    curve.noisy(0.40 - 0.0005 * i, 0.004),
                    0.87 + 0.002 * i,
                    0.879,
                    1e-5);
        }
        return log.finished();
    }

    /** Dropout and augmentation: validation is better than training all along. */
    static RunLog dropout(int seed) {
        SyntheticCurve curve = new SyntheticCurve(3600 + seed);
        RunLog log =
                RunLog.of("dropout-" + seed).started(HealthyRuns.tenClasses().build());
        for (int i = 0; i < 40; i++) {
            double accuracy = 0.8 - 0.7 * Math.exp(-i / 8.0);
            log.epoch(
                    curve.noisy(SyntheticCurve.decay(2.3, 0.7, 12, i), 0.01),
                    curve.noisy(SyntheticCurve.decay(2.1, 0.5, 12, i), 0.015),
                    accuracy,
                    accuracy + 0.07,
                    1e-3);
        }
        return log.finished();
    }
}

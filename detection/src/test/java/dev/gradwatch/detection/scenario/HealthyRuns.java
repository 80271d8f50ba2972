package dev.gradwatch.detection.scenario;

import dev.gradwatch.detection.event.RunStarted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Runs that nobody may be paged for, each with something that has fooled simpler rules. */
public final class HealthyRuns {

    private static final int SEEDS = 3;

    private HealthyRuns() {}

    /** Every healthy run by name, several seeds of each kind. */
    public static Map<String, RunLog> all() {
        Map<String, RunLog> runs = new LinkedHashMap<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            Stream.concat(kinds(seed).stream(), UnusualHealthyRuns.kinds(seed).stream())
                    .forEach(run -> runs.put(run.records().get(0).runId(), run));
        }
        return runs;
    }

    private static List<RunLog> kinds(int seed) {
        return List.of(
                classifier(seed),
                cosine(seed),
                smallBatches(seed),
                epochsOnly(seed),
                resumed(seed),
                likelihood(seed),
                percent(seed),
                nearZero(seed),
                sparseLog(seed),
                frozenBackbone(seed),
                shortRun(seed));
    }

    /** Ten classes, steps with layers, validation after every epoch. */
    public static RunLog classifier(int seed) {
        SyntheticCurve curve = new SyntheticCurve(seed);
        RunLog log = RunLog.of("classifier-" + seed).started(tenClasses().build());
        for (int i = 0; i < 600; i++) {
            double loss = curve.noisy(SyntheticCurve.decay(2.303, 0.15, 150, i), 0.08);
            double norm = curve.noisy(SyntheticCurve.decay(2, 0.6, 200, i), 0.2);
            log.step(loss, norm, 1e-3, LayerStack.healthy(6, norm));
            if (i % 60 == 59) {
                log.epoch(
                        loss,
                        curve.noisy(SyntheticCurve.decay(2.3, 0.25, 150, i), 0.02),
                        0.9,
                        0.9 - 0.7 * Math.exp(-i / 150.0),
                        1e-3);
            }
        }
        return log.finished();
    }

    /** Warm-up, cosine decay, and updates that all but stop at the end. */
    public static RunLog cosine(int seed) {
        SyntheticCurve curve = new SyntheticCurve(100 + seed);
        RunLog log = RunLog.of("cosine-" + seed);
        for (int i = 0; i < 800; i++) {
            double rate = SyntheticCurve.cosine(3e-4, i, 60, 800);
            double norm = curve.noisy(1, 0.2);
            log.step(
                    curve.noisy(SyntheticCurve.decay(4, 1.2, 180, i), 0.04),
                    norm,
                    rate,
                    LayerStack.updating(4, norm, rate * 2));
        }
        return log.finished();
    }

    /** Batches of a few samples: single losses mean next to nothing. */
    public static RunLog smallBatches(int seed) {
        SyntheticCurve curve = new SyntheticCurve(200 + seed);
        RunLog log = RunLog.of("small-batches-" + seed);
        for (int i = 0; i < 1000; i++) {
            log.step(curve.noisy(SyntheticCurve.decay(2, 0.1, 60, i), 0.25), curve.noisy(1.5, 0.5));
        }
        return log.finished();
    }

    /** Epochs alone, training and validation. */
    public static RunLog epochsOnly(int seed) {
        SyntheticCurve curve = new SyntheticCurve(300 + seed);
        RunLog log = RunLog.of("epochs-only-" + seed);
        for (int i = 0; i < 60; i++) {
            log.epoch(
                    curve.noisy(SyntheticCurve.decay(1.8, 0.1, 18, i), 0.01),
                    curve.noisy(SyntheticCurve.decay(1.8, 0.2, 18, i), 0.01));
        }
        return log.finished();
    }

    /** Starts where an earlier run ended: the loss is low from the first step. */
    public static RunLog resumed(int seed) {
        SyntheticCurve curve = new SyntheticCurve(400 + seed);
        RunLog log =
                RunLog.of("resumed-" + seed).started(tenClasses().resumed(true).build());
        for (int i = 0; i < 500; i++) {
            log.step(curve.noisy(SyntheticCurve.decay(0.5, 0.1, 200, i), 0.05), curve.noisy(0.5, 0.2));
        }
        return log.finished();
    }

    /** A negative log-likelihood of a density: it falls through zero. */
    public static RunLog likelihood(int seed) {
        SyntheticCurve curve = new SyntheticCurve(500 + seed);
        RunLog log = RunLog.of("likelihood-" + seed);
        for (int i = 0; i < 500; i++) {
            log.step(SyntheticCurve.decay(3, -4, 120, i) + curve.noise(0.1), curve.noisy(2, 0.2));
        }
        return log.finished();
    }

    /** Accuracies from 0 to 100. */
    public static RunLog percent(int seed) {
        SyntheticCurve curve = new SyntheticCurve(600 + seed);
        RunLog log = RunLog.of("percent-" + seed);
        for (int i = 0; i < 40; i++) {
            double accuracy = Math.rint(98 - 60 * Math.exp(-i / 8.0));
            log.epoch(
                    curve.noisy(SyntheticCurve.decay(2.3, 0.08, 10, i), 0.01),
                    curve.noisy(SyntheticCurve.decay(2.3, 0.15, 10, i), 0.01),
                    accuracy,
                    accuracy,
                    null);
        }
        return log.finished();
    }

    /** A regression that is solved to the last digit. */
    public static RunLog nearZero(int seed) {
        SyntheticCurve curve = new SyntheticCurve(700 + seed);
        RunLog log = RunLog.of("near-zero-" + seed);
        for (int i = 0; i < 500; i++) {
            log.step(
                    curve.noisy(SyntheticCurve.decay(1, 1e-9, 25, i), 0.05),
                    curve.noisy(SyntheticCurve.decay(1, 1e-6, 60, i), 0.1));
        }
        return log.finished();
    }

    /** Every tenth step is logged, as a mean. */
    public static RunLog sparseLog(int seed) {
        SyntheticCurve curve = new SyntheticCurve(800 + seed);
        RunLog log = RunLog.of("sparse-log-" + seed);
        for (int i = 0; i < 300; i++) {
            log.at(10L * i, i / 30.0 + 0.01)
                    .step(curve.noisy(SyntheticCurve.decay(6, 2, 80, i), 0.02), curve.noisy(1, 0.15));
        }
        return log.finished();
    }

    /** Fine-tuning with layers frozen on purpose, and said so. */
    public static RunLog frozenBackbone(int seed) {
        SyntheticCurve curve = new SyntheticCurve(900 + seed);
        List<RunStarted.LayerDescription> layers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            layers.add(new RunStarted.LayerDescription("layer" + i, 1000L, i < 2));
        }
        RunLog log = RunLog.of("frozen-backbone-" + seed)
                .started(tenClasses().pretrained(true).layers(layers).build());
        for (int i = 0; i < 300; i++) {
            double norm = curve.noisy(1, 0.2);
            log.step(
                    curve.noisy(SyntheticCurve.decay(2.3, 0.4, 80, i), 0.05),
                    norm,
                    1e-4,
                    LayerStack.withDead(6, norm, 0, 1));
        }
        return log.finished();
    }

    /** Ends after twelve epochs. */
    public static RunLog shortRun(int seed) {
        SyntheticCurve curve = new SyntheticCurve(1000 + seed);
        RunLog log = RunLog.of("short-run-" + seed);
        for (int i = 0; i < 12; i++) {
            log.epoch(
                    curve.noisy(SyntheticCurve.decay(0.7, 0.25, 5, i), 0.02),
                    curve.noisy(SyntheticCurve.decay(0.7, 0.3, 5, i), 0.02));
        }
        return log.finished();
    }

    /** What a classifier of ten classes says of itself. */
    public static RunStarted.Builder tenClasses() {
        return RunStarted.builder()
                .classes(10)
                .loss("sparse_categorical_crossentropy")
                .optimizer("adam")
                .learningRate(1e-3);
    }
}

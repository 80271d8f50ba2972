package dev.gradwatch.detection.scenario;

import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.RunStarted.LayerDescription;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Sick runs whose causes are known, each with what its publisher would say of it: what an alert tells of them is read by people. */
public final class DiagnosedRuns {

    private DiagnosedRuns() {}

    /** Every run by what is wrong with it. */
    public static Map<String, RunLog> all() {
        Map<String, RunLog> runs = new LinkedHashMap<>();
        runs.put("Adam at a rate of 1e-10", FaultyRuns.frozen());
        runs.put("parameters that were never handed to the optimizer", notStepping());
        runs.put("Adam at a rate of 5e-5 where 1e-3 would do", FaultyRuns.slow());
        runs.put("Adam at a rate of 10", hugeRate());
        runs.put("a rate too high for the time after warm-up", divergesAfterWarmup());
        runs.put("a layer that dies after a spike at a rate of 0.1", dies());
        runs.put("inputs from 0 to 255", unscaled());
        runs.put("a loss that is detached from the model", detached());
        runs.put("NaN out of the blue", FaultyRuns.nonFinite());
        runs.put("NaN after the loss had grown", nanAfterGrowth());
        runs.put("half precision, an overflow now and then", halfPrecision(1));
        runs.put("half precision, no step gets through any more", halfPrecision(8));
        runs.put("a plain recurrent network", plainRecurrent());
        runs.put("eight layers of sigmoids", sigmoids());
        runs.put("one corrupt batch", corruptBatch());
        runs.put("a loss that spikes again and again", spikes());
        runs.put("batches of four samples", batchOfFour());
        runs.put("a binary loss on ten classes", binaryLoss());
        runs.put("a softmax over one unit", oneUnit());
        runs.put("97 % of the samples of one class", imbalance());
        runs.put("shuffled labels", FaultyEpochs.shuffledLabels());
        runs.put("labels that the inputs say nothing of", uninformative());
        runs.put("a regression that answers the mean", answersTheMean());
        runs.put("a model that is too small", tooSmall());
        runs.put("200 samples and a large model", fewSamples());
        runs.put("long training without regularization", FaultyEpochs.overfitting());
        runs.put("overconfident at 97 %", overconfident());
        runs.put("validation that stands while training falls", FaultyEpochs.standingValidation());
        runs.put("validation on a stale copy of the weights", staleValidation());
        runs.put("validation data prepared in another way", FaultyEpochs.mismatch());
        runs.put("a job that never began to train", neverStarted());
        runs.put("a job that hangs", FaultyRuns.silent());
        runs.put("a node that became slow", FaultyRuns.slowSteps());
        return runs;
    }

    private static RunLog notStepping() {
        SyntheticCurve curve = new SyntheticCurve(41);
        RunLog log = RunLog.of("not-stepping").started(classifier().build());
        for (int i = 0; i < 160; i++) {
            double norm = curve.noisy(1.2, 0.05);
            log.at(i, i / 40.0).step(curve.noisy(2.31, 0.05), norm, 1e-3, LayerStack.updating(3, norm, 0));
        }
        return log;
    }

    private static RunLog hugeRate() {
        SyntheticCurve curve = new SyntheticCurve(42);
        RunLog log =
                RunLog.of("huge-rate").started(classifier().learningRate(10.0).build());
        for (int i = 0; i < 120; i++) {
            double loss = i == 0 ? 2.35 : SyntheticCurve.decay(60_000, 900, 25, i);
            double norm = i == 0 ? 1.3 : curve.noisy(SyntheticCurve.decay(4000, 300, 25, i), 0.3);
            log.at(i, i / 40.0).step(curve.noisy(loss, 0.1), norm, 10.0, LayerStack.updating(3, norm, 2.5));
        }
        return log;
    }

    private static RunLog divergesAfterWarmup() {
        SyntheticCurve curve = new SyntheticCurve(43);
        RunLog log = RunLog.of("after-warm-up")
                .started(classifier().learningRate(2e-2).warmupSteps(100L).build());
        for (int i = 0; i < 400; i++) {
            double rate = 2e-2 * Math.min(1, (i + 1) / 100.0);
            double loss = i < 130 ? SyntheticCurve.decay(2.3, 0.9, 40, i) : Math.min(6, 1.0 + 0.03 * (i - 130));
            double norm = curve.noisy(i < 130 ? 1 : 4, 0.2);
            log.at(i, i / 40.0).step(curve.noisy(loss, 0.03), norm, rate, LayerStack.updating(4, norm, 0.02));
        }
        return log;
    }

    private static RunLog dies() {
        SyntheticCurve curve = new SyntheticCurve(44);
        RunLog log = RunLog.of("dies").started(classifier().learningRate(0.1).build());
        for (int i = 0; i < 200; i++) {
            double norm = curve.noisy(i == 80 ? 60 : 1, 0.1);
            double loss = i < 80 ? SyntheticCurve.decay(2.3, 1.2, 30, i) : i < 84 ? 9 : 2.303;
            List<LayerNorms> layers =
                    i < 82 ? LayerStack.updating(4, norm, 0.06) : LayerStack.withDead(4, norm, 0, 1, 2);
            log.at(i, i / 40.0).step(curve.noisy(loss, 0.02), norm, 0.1, layers);
        }
        return log;
    }

    private static RunLog unscaled() {
        SyntheticCurve curve = new SyntheticCurve(45);
        RunLog log = RunLog.of("unscaled-digits").started(classifier().build());
        for (int i = 0; i < 160; i++) {
            double norm = i < 12 ? curve.noisy(140, 0.4) : 0;
            double loss = i < 12 ? curve.noisy(SyntheticCurve.decay(170, 30, 4, i), 0.1) : 27.4;
            log.at(i, i / 40.0)
                    .step(loss, norm, 1e-3, i < 12 ? LayerStack.updating(2, norm, 2e-3) : LayerStack.updating(2, 0, 0));
        }
        return log;
    }

    private static RunLog detached() {
        SyntheticCurve curve = new SyntheticCurve(46);
        RunLog log = RunLog.of("detached").started(classifier().build());
        for (int i = 0; i < 80; i++) {
            log.at(i, i / 40.0).step(curve.noisy(2.32, 0.04), 0.0, 1e-3, LayerStack.updating(3, 0, 0));
        }
        return log;
    }

    private static RunLog nanAfterGrowth() {
        SyntheticCurve curve = new SyntheticCurve(47);
        RunLog log = RunLog.of("grows").started(classifier().learningRate(5e-3).build());
        for (int i = 0; i < 100; i++) {
            double grown = i < 70 ? 1 : Math.pow(1.5, i - 69);
            double norm = curve.noisy(grown, 0.1);
            double loss = i < 90 ? curve.noisy(SyntheticCurve.decay(2.3, 0.9, 30, i) * grown, 0.03) : Double.NaN;
            log.at(i, i / 40.0).step(loss, i < 90 ? norm : Double.NaN, 5e-3, List.of());
        }
        return log;
    }

    private static RunLog halfPrecision(int running) {
        SyntheticCurve curve = new SyntheticCurve(48);
        RunLog log = RunLog.of("half-precision-" + running)
                .started(classifier().tags(Map.of("precision", "fp16")).build());
        for (int i = 0; i < 200; i++) {
            boolean overflows = i == 60 || i == 110 || (i >= 150 && i < 150 + running);
            double norm = overflows ? Double.POSITIVE_INFINITY : curve.noisy(1, 0.1);
            log.at(i, i / 40.0).step(curve.noisy(SyntheticCurve.decay(2.3, 0.5, 80, i), 0.03), norm, 1e-3, List.of());
        }
        return log;
    }

    private static RunLog plainRecurrent() {
        SyntheticCurve curve = new SyntheticCurve(49);
        RunLog log = RunLog.of("plain-recurrent")
                .started(RunStarted.builder()
                        .loss("mse")
                        .optimizer("SGD")
                        .learningRate(0.01)
                        .batchSize(32)
                        .build());
        for (int i = 0; i < 240; i++) {
            boolean burst = i > 60 && i % 40 == 20;
            double norm = curve.noisy(burst ? 45 : 1, 0.15);
            List<LayerNorms> layers = List.of(
                    new LayerNorms("simple_rnn/kernel", 0.9 * norm, 0.0, 6.0, 0.006 * norm),
                    new LayerNorms("simple_rnn/recurrent", 0.4 * norm, 0.0, 8.0, 0.003 * norm),
                    new LayerNorms("dense/kernel", 0.1 * norm, 0.0, 3.0, 0.001 * norm));
            log.at(i, i / 60.0)
                    .step(
                            curve.noisy(SyntheticCurve.decay(1, 0.4, 60, i) * (burst ? 1.8 : 1), 0.05),
                            norm,
                            0.01,
                            layers);
        }
        return log;
    }

    private static RunLog sigmoids() {
        SyntheticCurve curve = new SyntheticCurve(50);
        RunLog log = RunLog.of("sigmoids").started(classifier().build());
        for (int i = 0; i < 240; i++) {
            double norm = curve.noisy(0.2, 0.05);
            log.at(i, i / 40.0).step(curve.noisy(2.303, 0.005), norm, 1e-3, LayerStack.shrinking(8, norm, 0.2));
        }
        return log;
    }

    private static RunLog corruptBatch() {
        SyntheticCurve curve = new SyntheticCurve(51);
        RunLog log = RunLog.of("corrupt-batch").started(classifier().build());
        for (int i = 0; i < 160; i++) {
            double loss = SyntheticCurve.decay(2.3, 0.6, 40, i);
            log.at(i, i / 40.0)
                    .step(curve.noisy(i == 120 ? 20 * loss : loss, 0.03), curve.noisy(1, 0.1), 1e-3, List.of());
        }
        return log;
    }

    private static RunLog spikes() {
        SyntheticCurve curve = new SyntheticCurve(52);
        RunLog log = RunLog.of("spikes")
                .started(RunStarted.builder()
                        .optimizer("adamw")
                        .learningRate(3e-4)
                        .loss("cross-entropy")
                        .build());
        for (int i = 0; i < 200; i++) {
            boolean spike = i >= 90 && i % 12 == 0;
            double loss = SyntheticCurve.decay(9, 3, 40, i);
            log.at(10L * i, 0)
                    .step(
                            curve.noisy(spike ? (2 + i / 40.0) * loss : loss, 0.02),
                            curve.noisy(spike ? 14 : 1, 0.1),
                            3e-4,
                            List.of());
        }
        return log;
    }

    private static RunLog batchOfFour() {
        SyntheticCurve curve = new SyntheticCurve(53);
        RunLog log = RunLog.of("batch-of-four")
                .started(classifier()
                        .optimizer("sgd")
                        .learningRate(0.1)
                        .batchSize(4)
                        .stepsPerEpoch(300L)
                        .build());
        for (int i = 0; i < 30; i++) {
            double loss = i < 3 ? 2.1 - 0.3 * i : curve.noisy(1.2, 0.35);
            log.at(300L * (i + 1), i).epoch(loss, curve.noisy(1.05 * loss, 0.1), null, null, 0.1);
        }
        return log;
    }

    private static RunLog binaryLoss() {
        SyntheticCurve curve = new SyntheticCurve(54);
        RunLog log = RunLog.of("binary-loss")
                .started(classifier()
                        .loss("binary_crossentropy")
                        .outputActivation("softmax")
                        .outputUnits(10)
                        .build());
        for (int i = 0; i < 80; i++) {
            log.at(i, i / 40.0).step(curve.noisy(SyntheticCurve.decay(0.325, 0.1, 40, i), 0.02), curve.noisy(0.3, 0.1));
        }
        return log;
    }

    private static RunLog oneUnit() {
        SyntheticCurve curve = new SyntheticCurve(55);
        RunLog log = RunLog.of("one-unit")
                .started(RunStarted.builder()
                        .classes(2)
                        .loss("binary_crossentropy")
                        .outputActivation("softmax")
                        .outputUnits(1)
                        .optimizer("adam")
                        .learningRate(1e-3)
                        .build());
        for (int i = 0; i < 20; i++) {
            log.epoch(curve.noisy(7.7, 0.01), curve.noisy(7.6, 0.01), 0.5, 0.5, 1e-3);
        }
        return log;
    }

    private static RunLog imbalance() {
        SyntheticCurve curve = new SyntheticCurve(56);
        RunLog log = RunLog.of("imbalance").started(FaultyEpochs.twoClasses().build());
        for (int i = 0; i < 20; i++) {
            double loss = SyntheticCurve.decay(0.5, 0.1355, 0.9, i);
            log.at(40L * (i + 1), i).epoch(curve.noisy(loss, 0.003), curve.noisy(loss, 0.004), 0.97, 0.97, 1e-3);
        }
        return log;
    }

    private static RunLog uninformative() {
        SyntheticCurve curve = new SyntheticCurve(57);
        RunLog log = RunLog.of("uninformative").started(classifier().build());
        for (int i = 0; i < 600; i++) {
            double norm = curve.noisy(0.5, 0.2);
            log.at(i, i / 40.0).step(curve.noisy(2.305, 0.008), norm, 1e-3, LayerStack.healthy(3, norm));
        }
        return log;
    }

    private static RunLog answersTheMean() {
        SyntheticCurve curve = new SyntheticCurve(58);
        RunLog log = RunLog.of("mean")
                .started(RunStarted.builder()
                        .loss("mse")
                        .baselineLoss(0.84)
                        .optimizer("adam")
                        .learningRate(1e-3)
                        .plannedEpochs(40)
                        .build());
        for (int i = 0; i < 40; i++) {
            log.epoch(curve.noisy(SyntheticCurve.decay(1.0, 0.84, 1, i), 0.003), curve.noisy(0.86, 0.005));
        }
        return log;
    }

    private static RunLog tooSmall() {
        SyntheticCurve curve = new SyntheticCurve(59);
        RunLog log =
                RunLog.of("too-small").started(classifier().plannedEpochs(60).build());
        for (int i = 0; i < 60; i++) {
            double loss = SyntheticCurve.decay(2.3, 1.6, 3, i);
            log.epoch(curve.noisy(loss, 0.004), curve.noisy(1.02 * loss, 0.006), 0.42, 0.41 + 0.002 * (i % 3), 1e-3);
        }
        return log;
    }

    private static RunLog fewSamples() {
        SyntheticCurve curve = new SyntheticCurve(60);
        List<LayerDescription> layers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            layers.add(new LayerDescription("dense" + i, 200_000L, false));
        }
        RunLog log = RunLog.of("few-samples")
                .started(classifier().stepsPerEpoch(7L).layers(layers).build());
        for (int i = 0; i < 60; i++) {
            double validation = i < 6 ? SyntheticCurve.decay(2.3, 1.3, 3, i) : 1.45 + 0.03 * (i - 6);
            log.at(7L * (i + 1), i)
                    .epoch(
                            curve.noisy(SyntheticCurve.decay(2.3, 0.02, 6, i), 0.02),
                            curve.noisy(validation, 0.015),
                            1 - 0.9 * Math.exp(-i / 6.0),
                            Math.min(0.58, 0.2 + 0.05 * i),
                            1e-3);
        }
        return log;
    }

    private static RunLog overconfident() {
        SyntheticCurve curve = new SyntheticCurve(61);
        RunLog log = RunLog.of("overconfident").started(classifier().build());
        for (int i = 0; i < 60; i++) {
            double validation = i < 10 ? SyntheticCurve.decay(2.3, 0.09, 2, i) : 0.105 + 0.002 * (i - 10);
            log.epoch(
                    curve.noisy(SyntheticCurve.decay(2.3, 0.001, 5, i), 0.02),
                    curve.noisy(validation, 0.01),
                    1 - 0.7 * Math.exp(-i / 3.0),
                    Math.min(0.971, 0.7 + 0.04 * i),
                    1e-3);
        }
        return log;
    }

    private static RunLog staleValidation() {
        SyntheticCurve curve = new SyntheticCurve(62);
        RunLog log = RunLog.of("stale").started(classifier().build());
        for (int i = 0; i < 16; i++) {
            double accuracy = 1 - 0.9 * Math.exp(-i / 6.0);
            log.at(40L * (i + 1), i)
                    .epoch(curve.noisy(SyntheticCurve.decay(2.3, 0.3, 6, i), 0.01), 2.3184, accuracy, 0.098, 1e-3);
        }
        return log;
    }

    private static RunLog neverStarted() {
        return RunLog.of("never-started").started(classifier().build()).silence(2000);
    }

    private static RunStarted.Builder classifier() {
        return HealthyRuns.tenClasses().batchSize(32).stepsPerEpoch(40L);
    }
}

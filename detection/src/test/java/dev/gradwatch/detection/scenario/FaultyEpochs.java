package dev.gradwatch.detection.scenario;

import dev.gradwatch.detection.event.RunStarted;

/** Sick runs that their epochs alone give away: training against validation, and losses against accuracies. */
public final class FaultyEpochs {

    private FaultyEpochs() {}

    /** What a classifier of two classes says of itself; an epoch has forty steps of 32 samples. */
    public static RunStarted.Builder twoClasses() {
        return RunStarted.builder()
                .classes(2)
                .loss("binary_crossentropy")
                .optimizer("adam")
                .learningRate(1e-3)
                .batchSize(32)
                .stepsPerEpoch(40L);
    }

    /** Nine samples in ten are of one class, and the model answers that class whatever it is shown. */
    public static RunLog majorityClass() {
        SyntheticCurve curve = new SyntheticCurve(21);
        RunLog log = RunLog.of("majority").started(twoClasses().build());
        for (int i = 0; i < 15; i++) {
            double loss = SyntheticCurve.decay(0.69, 0.326, 1.2, i);
            log.epoch(curve.noisy(loss, 0.001), curve.noisy(loss, 0.002), 0.9, 0.9, 1e-3);
        }
        return log;
    }

    /** Labels drawn by lot: they can be learned by heart, and what is learned helps no other sample. */
    public static RunLog shuffledLabels() {
        SyntheticCurve curve = new SyntheticCurve(22);
        RunLog log = RunLog.of("shuffled").started(twoClasses().build());
        for (int i = 0; i < 25; i++) {
            double accuracy = 0.5 + 0.01 * Math.rint(30 * (1 - Math.exp(-i / 10.0)));
            log.epoch(
                    curve.noisy(SyntheticCurve.decay(0.7, 0.4, 15, i), 0.005),
                    curve.noisy(0.70, 0.004),
                    accuracy,
                    0.5 + 0.01 * (i % 3 - 1),
                    1e-3);
        }
        return log;
    }

    /** Training and validation loss swing by a fifth, up and down, and get nowhere. */
    public static RunLog oscillating() {
        SyntheticCurve curve = new SyntheticCurve(23);
        RunLog log = RunLog.of("oscillating");
        for (int i = 0; i < 30; i++) {
            double swing = i % 2 == 0 ? 1.25 : 0.75;
            log.epoch(curve.noisy(i == 0 ? 2 : swing, 0.08), curve.noisy(i == 0 ? 2 : 1.1 * swing, 0.08));
        }
        return log;
    }

    /** The validation loss stands from epoch 10 on, and the training loss falls on. */
    public static RunLog standingValidation() {
        SyntheticCurve curve = new SyntheticCurve(24);
        RunLog log = RunLog.of("standing-validation");
        for (int i = 0; i < 50; i++) {
            log.epoch(
                    curve.noisy(SyntheticCurve.decay(2, 0.2, 20, i), 0.005),
                    curve.noisy(SyntheticCurve.decay(2, 0.8, 2.5, i), 0.002));
        }
        return log;
    }

    /** Validation data that were prepared in another way: far off from the first epoch on. */
    public static RunLog mismatch() {
        SyntheticCurve curve = new SyntheticCurve(25);
        RunLog log = RunLog.of("mismatch");
        for (int i = 0; i < 8; i++) {
            log.epoch(
                    curve.noisy(SyntheticCurve.decay(1.0, 0.2, 3, i), 0.01),
                    curve.noisy(5.0, 0.02),
                    0.9 - 0.3 * Math.exp(-i / 3.0),
                    0.21 + 0.01 * (i % 2),
                    null);
        }
        return log;
    }

    /** Validation is best at epoch 10 and worse ever after, while the training loss falls on. */
    public static RunLog overfitting() {
        SyntheticCurve curve = new SyntheticCurve(11);
        RunLog log = RunLog.of("overfitting");
        for (int i = 0; i < 40; i++) {
            double validation = i < 10 ? SyntheticCurve.decay(2, 0.6, 4, i) : 0.72 + 0.03 * (i - 9);
            log.epoch(curve.noisy(SyntheticCurve.decay(2, 0.01, 10, i), 0.01), curve.noisy(validation, 0.01));
        }
        return log;
    }
}

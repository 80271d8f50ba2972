package dev.gradwatch.detection.scenario;

import dev.gradwatch.detection.event.RunStarted;
import java.util.Random;

/**
 * Families of short faulty runs, each drawn from a seed: few records, and an effect so large that few are enough. Epochs alone, without a
 * registration, as a followed log has them. Made up, not recorded.
 */
public final class FaultyFamilies {

    private FaultyFamilies() {}

    /** Falls for a dozen epochs and rises tenfold, without a break, in the last six. */
    public static RunLog lateRise(long seed) {
        Random random = new Random(seed);
        SyntheticCurve curve = new SyntheticCurve(seed);
        int falling = 11 + random.nextInt(5);
        RunLog log = RunLog.of("late-rise-" + seed);
        for (int i = 0; i < falling; i++) {
            log.epoch(curve.noisy(SyntheticCurve.decay(2, 0.03, 3.6, i), 0.03), null);
        }
        for (int i = 1; i <= 7; i++) {
            log.epoch(curve.noisy(0.06 * Math.pow(10, i / 6.0), 0.03), null);
        }
        return log.finished();
    }

    /** Jumps to several times its first value at the second epoch, and stays there. */
    public static RunLog jumpsAndStays(long seed) {
        Random random = new Random(seed);
        SyntheticCurve curve = new SyntheticCurve(seed);
        double first = 1 + 2 * random.nextDouble();
        double factor = 4 + 6 * random.nextDouble();
        RunLog log = RunLog.of("jumps-and-stays-" + seed);
        for (int i = 0; i < 10; i++) {
            log.epoch(curve.noisy(i == 0 ? first : factor * first, 0.05), null);
        }
        return log.finished();
    }

    /** Every second or third epoch costs thousands, and the next is as before. */
    public static RunLog recurringBlowUp(long seed) {
        Random random = new Random(seed);
        SyntheticCurve curve = new SyntheticCurve(seed);
        RunLog log = RunLog.of("recurring-blow-up-" + seed);
        for (int i = 0; i < 10; i++) {
            boolean blows = i > 0 && (i % 3 == 0 || random.nextDouble() < 0.3);
            log.epoch(blows ? Math.pow(10, 3 + 2.7 * random.nextDouble()) : curve.noisy(2.3, 0.01), null);
        }
        return log.finished();
    }

    /** Labels outside their range: a loss that is meant to end at zero runs away below it. */
    public static RunLog withoutAFloor(long seed, boolean accuracies) {
        SyntheticCurve curve = new SyntheticCurve(seed);
        RunLog log = RunLog.of("without-a-floor-" + seed);
        for (int i = 0; i < 20; i++) {
            Double accuracy = accuracies ? (Double) curve.noisy(0.33, 0.02) : null;
            log.epoch(0.6 - 0.001 * curve.noisy(Math.exp(1.3 * i), 0.05), null, accuracy, null, null);
        }
        return log.finished();
    }

    /** Two classes, a rate far too high: thrown above chance in the first steps, back to chance, and never below it. */
    public static RunLog thrownToChance(long seed) {
        Random random = new Random(seed);
        SyntheticCurve curve = new SyntheticCurve(seed);
        double wild = 1.5 + 2 * random.nextDouble();
        RunLog log = RunLog.of("thrown-to-chance-" + seed)
                .started(RunStarted.builder()
                        .classes(2)
                        .loss("cross_entropy")
                        .plannedEpochs(6)
                        .build());
        for (int epoch = 0; epoch < 6; epoch++) {
            double sum = 0;
            for (int i = 0; i < 60; i++) {
                int step = 60 * epoch + i;
                double thrown = step < 3 ? 1 : 1 + (wild - 1) * Math.exp(-(step - 3) / 40.0);
                double loss = curve.noisy(0.6931 * thrown, 0.02);
                sum += loss;
                log.step(loss, curve.noisy(0.3, 0.2));
            }
            log.epoch(sum / 60, curve.noisy(0.695, 0.004), null, 0.5 + 0.02 * (epoch % 2 == 0 ? 1 : -1), null);
        }
        return log.finished();
    }

    /** Costs nothing from the second epoch on, and most answers are wrong. */
    public static RunLog zeroAtChance(long seed) {
        SyntheticCurve curve = new SyntheticCurve(seed);
        RunLog log = RunLog.of("zero-at-chance-" + seed);
        for (int i = 0; i < 10; i++) {
            log.epoch(i == 0 ? curve.noisy(0.004, 0.2) : 0.0, null, 0.0987, null, null);
        }
        return log.finished();
    }

    /** Fine-tuning on few samples: each evaluation is worse than the one before while the training loss falls by a factor of a thousand. */
    public static RunLog eachEvaluationWorse(long seed, int evaluations) {
        Random random = new Random(seed);
        SyntheticCurve curve = new SyntheticCurve(seed);
        double rise = 0.2 + 0.1 * random.nextDouble();
        RunLog log = RunLog.of("each-evaluation-worse-" + seed);
        for (int i = 0; i < evaluations; i++) {
            log.epoch(curve.noisy(1.5 * Math.pow(10, -0.75 * i), 0.05), curve.noisy(0.5 * (1 + rise * i), 0.01));
        }
        return log.finished();
    }

    /** Falls, rises to a thousand times its start, and is noisy by a multiple of its level up there. */
    public static RunLog divergesIntoNoise(long seed) {
        SyntheticCurve curve = new SyntheticCurve(seed);
        RunLog log = RunLog.of("diverges-into-noise-" + seed);
        for (int i = 0; i < 120; i++) {
            double calm = i < 15 ? SyntheticCurve.decay(1.2, 0.2, 5, i) : Math.pow(10, Math.min(3, 0.2 * (i - 14)));
            log.epoch(curve.noisy(calm, i < 30 ? 0.02 : 0.8), null);
        }
        return log;
    }
}

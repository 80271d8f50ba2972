package dev.gradwatch.detection.scenario;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.RunStarted;
import java.util.Map;
import java.util.Random;

/**
 * Families of sound runs, each drawn from a seed: levels, noise and lengths differ from member to member, the habit that has fooled simpler
 * rules is the same. Made up, not recorded.
 */
public final class HealthyFamilies {

    private HealthyFamilies() {}

    /** Pre-training of a large model: every so many steps a record, flat within noise for up to 60 of them, then a slow honest fall. */
    public static RunLog flatStart(long seed, boolean planned) {
        Random random = new Random(seed);
        SyntheticCurve curve = new SyntheticCurve(seed);
        double level = 5 + 5 * random.nextDouble();
        double noise = 0.003 + 0.004 * random.nextDouble();
        int records = 300 + random.nextInt(400);
        int flat = 20 + random.nextInt(40);
        int stride = 20 + random.nextInt(900);
        RunLog log = RunLog.of("flat-start-" + seed);
        if (planned) {
            log.started(RunStarted.builder()
                    .plannedSteps((long) records * stride)
                    .loss("cross_entropy")
                    .build());
        }
        for (int i = 0; i < records; i++) {
            double loss = i < flat
                    ? level * (1 - 0.0001 * i)
                    : SyntheticCurve.decay(level, 0.6 * level, records / 2.0, i - flat);
            log.at((i + 1L) * stride, 0).step(curve.noisy(loss, noise), null);
        }
        return log.finished();
    }

    /** Each of the first hundred steps is logged while the rate warms up and the loss swings; from then on only evaluations are. */
    public static RunLog stepsThatStop(long seed) {
        Random random = new Random(seed);
        SyntheticCurve curve = new SyntheticCurve(seed);
        double level = 6 + 6 * random.nextDouble();
        double swing = random.nextBoolean() ? 0.15 : 0.002;
        RunLog log = RunLog.of("steps-that-stop-" + seed)
                .started(RunStarted.builder().plannedSteps(112_000L).build());
        for (int i = 0; i < 100; i++) {
            if (i % 50 == 0) {
                evaluation(log, i, curve.noisy(level * (1 + 30 * random.nextDouble()), 0.01));
            }
            double drift = 1 - 0.25 * Math.sin(Math.PI * Math.min(1, i / 40.0));
            log.at(i, 0).step(curve.noisy(swing > 0.1 ? level * drift : level, swing), curve.noisy(1, 0.1));
        }
        for (int i = 1; i <= 60; i++) {
            evaluation(log, 1500L * i, curve.noisy(SyntheticCurve.decay(0.7 * level, 0.1 * level, 20, i), 0.02));
        }
        return log.finished();
    }

    /** The same, and after the hundred steps every five-hundredth is logged. */
    public static RunLog logThatTurnsSparse(long seed) {
        Random random = new Random(seed);
        SyntheticCurve curve = new SyntheticCurve(seed);
        double level = 6 + 6 * random.nextDouble();
        RunLog log = RunLog.of("log-that-turns-sparse-" + seed);
        for (int i = 0; i < 100; i++) {
            log.at(i, 0).step(curve.noisy(level, 0.002), curve.noisy(0.6, 0.05));
        }
        for (int i = 1; i <= 200; i++) {
            log.at(500L * i, 0)
                    .step(
                            curve.noisy(SyntheticCurve.decay(0.7 * level, 0.2 * level, 60, i), 0.02),
                            curve.noisy(8, 0.2));
        }
        return log.finished();
    }

    /** Most is learned before the first record: the training loss looks flat in its noise, the validation loss creeps down. */
    public static RunLog learnedBeforeTheFirstRecord(long seed) {
        Random random = new Random(seed);
        SyntheticCurve curve = new SyntheticCurve(seed);
        double floor = 0.1 + 0.2 * random.nextDouble();
        int records = 35 + random.nextInt(60);
        RunLog log = RunLog.of("learned-before-the-first-record-" + seed);
        for (int i = 0; i < records; i++) {
            double fall = 1 + 0.12 * Math.exp(-i / 1.5) + 0.04 * (1 - (double) i / records);
            log.epoch(curve.noisy(floor * fall, 0.008), curve.noisy(1.02 * floor * fall, 0.0005));
        }
        return log.finished();
    }

    /** Evaluations that blow up at the start, to a hundred times the first, and come down again for good. */
    public static RunLog wildStartThatComesBack(long seed) {
        Random random = new Random(seed);
        SyntheticCurve curve = new SyntheticCurve(seed);
        double first = 0.1 + 0.2 * random.nextDouble();
        double wild = first * (30 + 200 * random.nextDouble());
        RunLog log = RunLog.of("wild-start-that-comes-back-" + seed);
        for (int i = 0; i < 40; i++) {
            double loss = i == 0 ? first : SyntheticCurve.decay(wild, 0.8 * first, 1.6, i - 1);
            evaluation(log, 200L * i + 1, curve.noisy(loss, 0.03));
        }
        return log.finished();
    }

    /** A small regression far below its start, with epochs that jump to a few times the level and come back. */
    public static RunLog jumpsNearTheFloor(long seed) {
        Random random = new Random(seed);
        SyntheticCurve curve = new SyntheticCurve(seed);
        double start = Math.pow(10, 4 * random.nextDouble());
        RunLog log = RunLog.of("jumps-near-the-floor-" + seed);
        for (int i = 0; i < 300; i++) {
            double loss = curve.noisy(SyntheticCurve.decay(start, 0.03 * start, 30, i), 0.1);
            boolean jumps = i > 150 && random.nextDouble() < 0.02;
            log.epoch(jumps ? 3.5 * loss : loss, null);
        }
        return log.finished();
    }

    private static void evaluation(RunLog log, long step, double loss) {
        log.add(new EpochCompleted(null, step, loss, loss, null, null, null, null, Map.of()));
    }
}

package dev.gradwatch.detection.detector.loss;

import dev.gradwatch.detection.state.LossCurve;
import dev.gradwatch.detection.statistics.Blocks;

/**
 * Where the training loss stands against its own past, in levels: medians over a tenth of the run (three blocks at least).
 *
 * @param blocks complete blocks
 * @param noise standard deviation of one block around the trend
 * @param width blocks in a level
 * @param now the level now
 * @param low the lowest level of the run
 * @param valley the same of levels twice as wide: the lowest of many levels is low by chance, the lowest of wide ones less so
 * @param start the level at the start, or the start loss if higher
 */
record LossLevels(int blocks, double noise, int width, double now, double low, double valley, double start) {

    /** Below this many blocks there is no trend to speak of. */
    static final int LEAST_BLOCKS = 6;

    static LossLevels of(LossCurve loss) {
        Blocks blocks = loss.blocks();
        int n = blocks.size();
        int width = Math.max(3, n / 10);
        double low = Double.POSITIVE_INFINITY;
        double valley = Double.POSITIVE_INFINITY;
        double first = Double.NaN;
        double level = Double.NaN;
        for (int end = 3; end <= n; end++) {
            level = blocks.median(end, Math.min(width, end));
            if (end == 3) {
                first = level;
            }
            low = Math.min(low, level);
            if (end >= 2 * width) {
                valley = Math.min(valley, blocks.median(end, 2 * width));
            }
        }
        return new LossLevels(n, blocks.noise(), width, level, low, valley, Math.max(loss.start(), first));
    }

    /** The same since the lowest wide level. */
    boolean hasLeftValley(double z) {
        return now - valley > 1.25 * z * noise * Math.sqrt(1.5 / width);
    }

    /** Whether the rise since the lowest level is more than noise explains, at {@code z} standard errors. */
    boolean hasRisen(double z) {
        return now - low > 1.25 * z * noise * Math.sqrt(2.0 / width);
    }
}

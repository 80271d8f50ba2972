package dev.gradwatch.detection.detector.loss;

import dev.gradwatch.detection.statistics.Blocks;
import dev.gradwatch.detection.statistics.LeastSquares;

/** Whether a series falls or rises: surely, and by enough to matter. Holds a scratch array; one instance for one thread. */
final class FallingTrend {

    /** Standard errors of the slope: one look in a thousand is wrong by chance, and a run is looked at some hundred times. */
    private static final double SURE = 3;

    /** Below this many blocks a slope has no error to speak of. */
    private static final int LEAST_BLOCKS = 4;

    private final double[] window = new double[Blocks.CAPACITY];

    /**
     * Whether the newest blocks fall.
     *
     * @param length how many of them, 4 or more
     * @param least share of the level that the line through them must lose
     */
    boolean falls(Blocks blocks, int length, double least) {
        return moves(blocks, length, least, -1);
    }

    /** The same of a rise. */
    boolean rises(Blocks blocks, int length, double least) {
        return moves(blocks, length, least, 1);
    }

    private boolean moves(Blocks blocks, int length, double least, int direction) {
        int n = Math.min(length, blocks.size());
        if (n < LEAST_BLOCKS) {
            return false;
        }
        blocks.copyLast(n, window);
        LeastSquares line = LeastSquares.of(window, n);
        double slope = direction * line.slope();
        return slope - SURE * line.slopeError() > 0 && slope * (n - 1) >= least * Math.abs(window[n - 1]);
    }
}

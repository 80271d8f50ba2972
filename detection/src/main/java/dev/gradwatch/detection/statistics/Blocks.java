package dev.gradwatch.detection.statistics;

import dev.gradwatch.detection.codec.Fields;

/**
 * A whole series as the means of equal stretches of it, at most {@link #CAPACITY} of them. When all are in use, neighbours are merged and a
 * block spans twice as many values, so that half to all of the blocks are in use however long the series gets: windows counted in
 * blocks are shares of the run, at constant memory. Values must be finite. Not thread-safe.
 */
public final class Blocks {

    /** Measured on recorded runs: 48 or 80 change nothing, 32 costs recall. */
    public static final int CAPACITY = 64;

    private final double[] means = new double[CAPACITY];
    /** For statistics that reorder a copy, so that they allocate nothing. */
    private final double[] scratch = new double[CAPACITY];

    private double noise;
    private long noiseAt = -1;

    private int count;
    private long span = 1;
    private long values;
    private double pending;
    private long pendingCount;

    /**
     * Adds one value.
     *
     * @return whether a block is complete, which is when a trend is worth another look
     */
    public boolean add(double value) {
        values++;
        pendingCount++;
        // A running mean instead of a sum: the sum of huge values would overflow.
        pending += value / pendingCount - pending / pendingCount;
        if (pendingCount < span) {
            return false;
        }
        means[count++] = pending;
        pending = 0;
        pendingCount = 0;
        if (count == CAPACITY) {
            for (int i = 0; i < CAPACITY / 2; i++) {
                means[i] = means[2 * i] / 2 + means[2 * i + 1] / 2;
            }
            count = CAPACITY / 2;
            span *= 2;
        }
        return true;
    }

    /** Complete blocks. */
    public int size() {
        return count;
    }

    /** Values added, those of the incomplete block included. */
    public long values() {
        return values;
    }

    /** Mean of the block at {@code index}, 0 being the oldest. */
    public double mean(int index) {
        if (index < 0 || index >= count) {
            throw new IndexOutOfBoundsException("block " + index + " of " + count);
        }
        return means[index];
    }

    /** Mean of the blocks from {@code from} to before {@code to}. */
    public double mean(int from, int to) {
        double mean = 0;
        for (int i = from; i < to; i++) {
            mean += mean(i) / (to - from);
        }
        return mean;
    }

    /** Median of the {@code length} blocks that end before {@code to}. */
    public double median(int to, int length) {
        if (length == 3) {
            return OrderStatistics.median(means[to - 3], means[to - 2], means[to - 1]);
        }
        System.arraycopy(means, to - length, scratch, 0, length);
        return OrderStatistics.median(scratch, length);
    }

    /** Largest less smallest of the newest {@code length} blocks. */
    public double range(int length) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int i = count - length; i < count; i++) {
            low = Math.min(low, mean(i));
            high = Math.max(high, mean(i));
        }
        return high - low;
    }

    /** Standard deviation of a block around any slow trend: robust size of the differences of neighbours. 0 below three blocks. */
    public double noise() {
        if (count < 3) {
            return 0;
        }
        // Several detectors ask for it at the same look.
        if (noiseAt == values) {
            return noise;
        }
        for (int i = 1; i < count; i++) {
            scratch[i - 1] = Math.abs(means[i] - means[i - 1]);
        }
        noise = OrderStatistics.ROBUST * OrderStatistics.median(scratch, count - 1) / Math.sqrt(2);
        noiseAt = values;
        return noise;
    }

    /**
     * The same from second differences of the newest {@code length} blocks, so that a steep or bent trend does not count as noise. Falls back
     * to first differences below four blocks.
     */
    public double noiseAroundTrend(int length) {
        int n = Math.min(length, count);
        if (n < 4) {
            return noise();
        }
        for (int i = 0; i < n - 2; i++) {
            int at = count - n + i;
            scratch[i] = Math.abs(means[at + 2] - 2 * means[at + 1] + means[at]);
        }
        return OrderStatistics.ROBUST * OrderStatistics.median(scratch, n - 2) / Math.sqrt(6);
    }

    /** Copies the newest {@code length} blocks, from old to new. */
    public void copyLast(int length, double[] to) {
        System.arraycopy(means, count - length, to, 0, length);
    }

    public void clear() {
        noiseAt = -1;
        count = 0;
        span = 1;
        values = 0;
        pending = 0;
        pendingCount = 0;
    }

    /** The stored form. */
    public void exchange(Fields fields) {
        noiseAt = -1;
        count = fields.count(count, CAPACITY - 1);
        span = Math.max(1, fields.varint(span));
        values = fields.varint(values);
        pendingCount = fields.varint(pendingCount);
        pending = fields.compactNumber(pending);
        fields.numbers(means, count);
    }
}

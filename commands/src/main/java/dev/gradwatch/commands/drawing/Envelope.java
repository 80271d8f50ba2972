package dev.gradwatch.commands.drawing;

/**
 * One curve in a bounded number of buckets, whatever the length of its run: when all are full, neighbours are merged and every bucket
 * takes twice as many values. Each keeps the mean and the greatest of its finite values, so that no spike is lost, and whether a value was
 * not finite.
 */
final class Envelope {

    static final int MOST = 512;

    private final ProgressPoint[] places = new ProgressPoint[MOST];
    private final double[] highs = new double[MOST];
    private final double[] means = new double[MOST];
    private final long[] finite = new long[MOST];
    private final boolean[] strange = new boolean[MOST];
    private int size;
    private long inLast;
    private long perBucket = 1;

    void add(ProgressPoint place, double value) {
        if (size == 0 || inLast == perBucket) {
            if (size == MOST) {
                merge();
            }
            open(place);
        }
        inLast++;
        int last = size - 1;
        if (!Double.isFinite(value)) {
            strange[last] = true;
            return;
        }
        highs[last] = finite[last] == 0 ? value : Math.max(highs[last], value);
        means[last] = mean(means[last], finite[last], value, 1);
        finite[last]++;
    }

    /** How many buckets there are. */
    int size() {
        return size;
    }

    /** Where a bucket begins. */
    ProgressPoint place(int bucket) {
        return places[bucket];
    }

    /** Whether a bucket holds a finite value; without one it has neither mean nor high. */
    boolean isDrawable(int bucket) {
        return finite[bucket] > 0;
    }

    /** How many finite values a bucket holds. */
    long count(int bucket) {
        return finite[bucket];
    }

    double high(int bucket) {
        return highs[bucket];
    }

    double mean(int bucket) {
        return means[bucket];
    }

    /** Whether a value of a bucket was NaN or infinite. */
    boolean isStrange(int bucket) {
        return strange[bucket];
    }

    private void open(ProgressPoint place) {
        places[size] = place;
        finite[size] = 0;
        means[size] = 0;
        strange[size] = false;
        inLast = 0;
        size++;
    }

    private void merge() {
        for (int i = 0; i < MOST / 2; i++) {
            int a = 2 * i;
            int b = a + 1;
            double high = finite[a] == 0 ? highs[b] : finite[b] == 0 ? highs[a] : Math.max(highs[a], highs[b]);
            means[i] = mean(means[a], finite[a], means[b], finite[b]);
            highs[i] = high;
            places[i] = places[a];
            strange[i] = strange[a] || strange[b];
            finite[i] = finite[a] + finite[b];
        }
        size = MOST / 2;
        perBucket *= 2;
        inLast = perBucket;
    }

    /** Of values as large as they come: no sum of them is ever made. */
    private static double mean(double one, long count, double other, long otherCount) {
        double all = (double) count + otherCount;
        return all == 0 ? 0 : one * (count / all) + other * (otherCount / all);
    }
}

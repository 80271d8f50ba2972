package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.Fields;
import dev.gradwatch.detection.statistics.Ring;

/** The global gradient norm as the run goes. Finite values only; {@link #baseline} is that of the values before the newest. */
public final class NormCurve {

    /** A norm below this is zero for every practical purpose: a float32 gradient this small moves no weight. */
    public static final double ZERO = 1e-12;

    /** Norms of the baseline: a median of 21, measured on recorded runs. */
    private static final int RECENT = 21;

    /** Norms of the start. */
    private static final int EARLY = 10;

    /** Gradient norm from which a run began alive: far above rounding errors. */
    private static final double ALIVE = 1e-3;

    private final Ring recent = new Ring(RECENT);
    private final Ring early = new Ring(EARLY);
    private long count;
    private long zeros;
    private int zeroRun;
    private boolean beganNonZero;
    private double latest = Double.NaN;

    private double baseline = Double.NaN;
    private int baselineSize;

    void add(double norm) {
        baseline = recent.medianOfLast(RECENT);
        baselineSize = recent.size();
        count++;
        if (count == 1) {
            beganNonZero = norm > ALIVE;
        }
        if (norm < ZERO) {
            zeros++;
            zeroRun++;
        } else {
            zeroRun = 0;
        }
        if (count <= EARLY) {
            early.push(norm);
        }
        recent.push(norm);
        latest = norm;
    }

    /** Norms seen. */
    public long count() {
        return count;
    }

    /** Norms that were zero. */
    public long zeros() {
        return zeros;
    }

    /** Zero norms in a row up to now. */
    public int zeroRun() {
        return zeroRun;
    }

    /** Whether the very first gradient was well above zero. */
    public boolean beganNonZero() {
        return beganNonZero;
    }

    /** The newest norm; NaN without any. */
    public double latest() {
        return latest;
    }

    /** Median of up to 21 norms before the newest; NaN without any. */
    public double baseline() {
        return baseline;
    }

    /** How many norms stand behind {@link #baseline}. */
    public int baselineSize() {
        return baselineSize;
    }

    /** Median of the first ten norms. */
    public double early() {
        return early.medianOfLast(EARLY);
    }

    /** Begins anew with what the newest norms are held against. */
    void forgetRecent() {
        recent.clear();
    }

    void clear() {
        recent.clear();
        early.clear();
        count = 0;
        zeros = 0;
        zeroRun = 0;
        beganNonZero = false;
        latest = Double.NaN;
    }

    void exchange(Fields fields) {
        recent.exchange(fields);
        early.exchange(fields);
        count = fields.varint(count);
        zeros = fields.varint(zeros);
        zeroRun = (int) fields.varint(zeroRun);
        beganNonZero = fields.flag(beganNonZero);
        latest = fields.number(latest);
        if (fields.hasMore()) {
            baseline = fields.compactNumber(baseline);
            baselineSize = (int) fields.varint(baselineSize);
        }
    }
}

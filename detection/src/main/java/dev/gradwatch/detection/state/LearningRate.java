package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.Fields;

/** The learning rate as it is reported; NaN while unknown. */
public final class LearningRate {

    private double current = Double.NaN;
    private double peak = Double.NaN;
    private boolean rising;

    void add(double rate) {
        rising = rate > current * (1 + 1e-6);
        current = rate;
        peak = Double.isNaN(peak) ? rate : Math.max(peak, rate);
    }

    public double current() {
        return current;
    }

    /** The highest rate of the attempt. */
    public double peak() {
        return peak;
    }

    /** Whether the last report was higher than the one before: warm-up. */
    public boolean rising() {
        return rising;
    }

    /** Whether the rate is known and below a share of its peak: flattening is planned. */
    public boolean annealedBelow(double share) {
        return current < share * peak;
    }

    void clear() {
        current = Double.NaN;
        peak = Double.NaN;
        rising = false;
    }

    void exchange(Fields fields) {
        current = fields.compactNumber(current);
        peak = fields.compactNumber(peak);
        rising = fields.flag(rising);
    }
}

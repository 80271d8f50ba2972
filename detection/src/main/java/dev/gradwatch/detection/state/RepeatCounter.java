package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.Fields;

/** How often one metric has stood bit-identical. Finite values only. */
public final class RepeatCounter {

    private long count;
    private long run;
    private double value = Double.NaN;
    private double first = Double.NaN;
    private double trainLevelAtRun = Double.NaN;

    void add(double next, double trainLevel) {
        if (count == 0) {
            first = next;
        }
        count++;
        run = next == value ? run + 1 : 1;
        value = next;
        if (run == 1 || Double.isNaN(trainLevelAtRun)) {
            trainLevelAtRun = trainLevel;
        }
    }

    /** Records of the metric. */
    public long count() {
        return count;
    }

    /** Records in a row with the newest value. */
    public long run() {
        return run;
    }

    public double value() {
        return value;
    }

    public double first() {
        return first;
    }

    /** The training loss when the run of equal values began; NaN when unknown. */
    public double trainLevelAtRun() {
        return trainLevelAtRun;
    }

    void clear() {
        count = 0;
        run = 0;
        value = Double.NaN;
        first = Double.NaN;
        trainLevelAtRun = Double.NaN;
    }

    void exchange(Fields fields) {
        count = fields.varint(count);
        run = fields.varint(run);
        if (count > 0) {
            value = fields.compactNumber(value);
            first = fields.compactNumber(first);
            trainLevelAtRun = fields.compactNumber(trainLevelAtRun);
        }
    }
}

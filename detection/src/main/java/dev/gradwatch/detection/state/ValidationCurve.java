package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.Fields;
import dev.gradwatch.detection.statistics.Blocks;
import dev.gradwatch.detection.statistics.Ring;

/** Validation loss and accuracy as the run goes, finite values only. */
public final class ValidationCurve {

    /** Validation losses that are kept. */
    private static final int RECENT = 32;

    private final Blocks blocks = new Blocks();
    private final Ring recent = new Ring(RECENT);
    private double first = Double.NaN;
    private double best = Double.NaN;
    private long bestAt;
    private double bestEpoch = Double.NaN;
    private double trainAtBest = Double.NaN;
    private double accuracy = Double.NaN;
    private double bestAccuracy = Double.NaN;
    private double noiseBefore;

    void addLoss(double loss, double trainLevel, double epoch) {
        noiseBefore = blocks.noiseAroundTrend(Math.max(8, blocks.size() / 2));
        if (blocks.values() == 0) {
            first = loss;
        }
        recent.push(loss);
        blocks.add(loss);
        if (!(loss >= best)) {
            best = loss;
            bestAt = blocks.values();
            bestEpoch = epoch;
            trainAtBest = trainLevel;
        }
    }

    void addAccuracy(double value) {
        accuracy = value;
        bestAccuracy = Double.isNaN(bestAccuracy) ? value : Math.max(bestAccuracy, value);
    }

    /** Evaluations with a validation loss. */
    public long evaluations() {
        return blocks.values();
    }

    public Ring recent() {
        return recent;
    }

    public Blocks blocks() {
        return blocks;
    }

    /** The first validation loss; NaN without any. */
    public double first() {
        return first;
    }

    /** The lowest validation loss; NaN without any. */
    public double best() {
        return best;
    }

    /** The evaluation, counted from 1, of {@link #best}. */
    public long bestAt() {
        return bestAt;
    }

    /** The epoch of {@link #best}; NaN when unknown. */
    public double bestEpoch() {
        return bestEpoch;
    }

    /** The training loss when validation was at its best; NaN when unknown. */
    public double trainAtBest() {
        return trainAtBest;
    }

    /** The newest validation accuracy on the run's own scale; NaN without any. */
    public double accuracy() {
        return accuracy;
    }

    public double bestAccuracy() {
        return bestAccuracy;
    }

    /** Noise of the second half of the evaluations around their trend, before the newest one. */
    public double noiseBefore() {
        return noiseBefore;
    }

    /** Forgets the trend and keeps the best values, which outlive an attempt. */
    void startAttempt() {
        blocks.clear();
        recent.clear();
        first = Double.NaN;
        best = Double.NaN;
        bestAt = 0;
        bestEpoch = Double.NaN;
        trainAtBest = Double.NaN;
        accuracy = Double.NaN;
        bestAccuracy = Double.NaN;
    }

    void exchange(Fields fields) {
        blocks.exchange(fields);
        recent.exchange(fields);
        best = fields.number(best);
        bestAt = fields.varint(bestAt);
        bestEpoch = fields.number(bestEpoch);
        trainAtBest = fields.number(trainAtBest);
        accuracy = fields.number(accuracy);
        bestAccuracy = fields.number(bestAccuracy);
        if (fields.hasMore()) {
            first = fields.number(first);
        } else {
            // Written before this field was: the oldest block comes near enough.
            first = blocks.size() == 0 ? Double.NaN : blocks.mean(0);
        }
    }
}

package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.Fields;
import dev.gradwatch.detection.statistics.Ring;

/**
 * The newest epochs: training loss and accuracies, finite values only. The training loss of an epoch is the one that it reports, else the
 * mean of the step losses since the epoch before it. A gap in the epochs forgets them, because a trend across it means nothing.
 */
public final class EpochCurve {

    /** Until this epoch a gap between training and validation is not yet overfitting's. */
    private static final int EARLY = 3;

    /** Epochs of a level: a median of three leaves one odd epoch out. */
    private static final int LEVEL = 3;

    /** Epochs that are kept: three patiences of ten. */
    private static final int LOSSES = 32;

    /** Epochs of accuracies that are kept: the longest window that a rule asks for. */
    private static final int ACCURACIES = 8;

    /** A jump of more epochs than half a usual patience of ten, and more than this many usual strides, is a gap. */
    private static final double GAP_EPOCHS = 5;

    /** Usual distances between two epochs. Set by eye on recorded runs. */
    private static final double GAP_STRIDES = 4;

    /** The mean of fewer step losses is noise more than an epoch's loss. */
    private static final int LEAST_STEPS = 8;

    /** Above this a run's accuracies are in percent. */
    private static final double LARGEST_SHARE = 1.5;

    private final Ring trainLoss = new Ring(LOSSES);
    private final Ring trainAccuracy = new Ring(ACCURACIES);
    private final Ring validationAccuracy = new Ring(ACCURACIES);
    private long count;
    private double firstTrainLoss = Double.NaN;
    private double lowestTrainLoss = Double.NaN;
    private double firstValidationAccuracy = Double.NaN;
    private double highestAccuracy = Double.NaN;
    private double earlyGap = Double.NaN;
    private double firstTrainAccuracy = Double.NaN;
    private double lastEpoch = Double.NaN;
    private double stride = Double.NaN;
    private double stepSum;
    private long steps;

    void addStepLoss(double loss) {
        steps++;
        stepSum += loss / steps - stepSum / steps;
    }

    /** Moves on to an epoch; whether there was a gap before it. */
    boolean advance(double epoch) {
        double jump = epoch - lastEpoch;
        boolean gap = jump > GAP_EPOCHS && jump > GAP_STRIDES * stride;
        if (gap) {
            trainLoss.clear();
            trainAccuracy.clear();
            validationAccuracy.clear();
        } else if (jump > 0) {
            stride = Double.isNaN(stride) ? jump : Math.max(stride, jump);
        }
        lastEpoch = Double.isNaN(epoch) ? lastEpoch : epoch;
        return gap;
    }

    /** Takes in what an epoch reports; NaN: nothing. Returns whether a training loss arrived. */
    boolean add(double reportedTrainLoss, double trainAcc, double validationAcc) {
        double loss = Double.isNaN(reportedTrainLoss) && steps >= LEAST_STEPS ? stepSum : reportedTrainLoss;
        steps = 0;
        stepSum = 0;
        if (Double.isFinite(trainAcc)) {
            firstTrainAccuracy = Double.isNaN(firstTrainAccuracy) ? trainAcc : firstTrainAccuracy;
            trainAccuracy.push(trainAcc);
            highestAccuracy = Double.isNaN(highestAccuracy) ? trainAcc : Math.max(highestAccuracy, trainAcc);
        }
        if (Double.isFinite(validationAcc)) {
            if (Double.isNaN(firstValidationAccuracy)) {
                firstValidationAccuracy = validationAcc;
            }
            validationAccuracy.push(validationAcc);
            highestAccuracy = Double.isNaN(highestAccuracy) ? validationAcc : Math.max(highestAccuracy, validationAcc);
        }
        if (count < EARLY && !trainAccuracy.isEmpty() && !validationAccuracy.isEmpty()) {
            earlyGap = trainAccuracy.ago(0) - validationAccuracy.ago(0);
        }
        if (!Double.isFinite(loss)) {
            return false;
        }
        if (count == 0) {
            firstTrainLoss = loss;
        }
        count++;
        lowestTrainLoss = Double.isNaN(lowestTrainLoss) ? loss : Math.min(lowestTrainLoss, loss);
        trainLoss.push(loss);
        return true;
    }

    /** Step losses since the newest epoch. */
    long stepLosses() {
        return steps;
    }

    /** Epochs with a training loss. */
    public long count() {
        return count;
    }

    public Ring trainLoss() {
        return trainLoss;
    }

    /** On the run's own scale, see {@link #share}. */
    public Ring trainAccuracy() {
        return trainAccuracy;
    }

    /** On the run's own scale, see {@link #share}. */
    public Ring validationAccuracy() {
        return validationAccuracy;
    }

    /** The first epoch's training loss; NaN without any. */
    public double firstTrainLoss() {
        return firstTrainLoss;
    }

    public double lowestTrainLoss() {
        return lowestTrainLoss;
    }

    public double firstValidationAccuracy() {
        return firstValidationAccuracy;
    }

    /** The first training accuracy as a share; NaN without any. */
    public double firstTrainAccuracy() {
        return share(firstTrainAccuracy);
    }

    /** The training accuracy now, as a share: median of the last three epochs, since one alone may be an accident; NaN without any. */
    public double trainAccuracyLevel() {
        return share(trainAccuracy.medianOfLast(LEVEL));
    }

    /** The same of the validation accuracy. */
    public double validationAccuracyLevel() {
        return share(validationAccuracy.medianOfLast(LEVEL));
    }

    /** Training less validation accuracy in one of the first three epochs, the latest that is known; NaN when none is. */
    public double earlyGap() {
        return share(earlyGap);
    }

    /** An accuracy of this run as a share of 1, whether the run reports shares or percent. */
    public double share(double accuracy) {
        return highestAccuracy > LARGEST_SHARE ? accuracy / 100 : accuracy;
    }

    void clear() {
        trainLoss.clear();
        trainAccuracy.clear();
        validationAccuracy.clear();
        count = 0;
        firstTrainLoss = Double.NaN;
        lowestTrainLoss = Double.NaN;
        firstValidationAccuracy = Double.NaN;
        highestAccuracy = Double.NaN;
        earlyGap = Double.NaN;
        firstTrainAccuracy = Double.NaN;
        lastEpoch = Double.NaN;
        stride = Double.NaN;
        stepSum = 0;
        steps = 0;
    }

    void exchange(Fields fields) {
        trainLoss.exchange(fields);
        trainAccuracy.exchange(fields);
        validationAccuracy.exchange(fields);
        count = fields.varint(count);
        firstTrainLoss = fields.compactNumber(firstTrainLoss);
        lowestTrainLoss = fields.compactNumber(lowestTrainLoss);
        firstValidationAccuracy = fields.compactNumber(firstValidationAccuracy);
        highestAccuracy = fields.compactNumber(highestAccuracy);
        earlyGap = fields.compactNumber(earlyGap);
        lastEpoch = fields.compactNumber(lastEpoch);
        stride = fields.compactNumber(stride);
        stepSum = fields.compactNumber(stepSum);
        steps = fields.varint(steps);
        firstTrainAccuracy = fields.hasMore() ? fields.compactNumber(firstTrainAccuracy) : Double.NaN;
    }
}

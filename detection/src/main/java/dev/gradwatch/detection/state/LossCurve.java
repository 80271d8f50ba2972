package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.Fields;
import dev.gradwatch.detection.statistics.Blocks;
import dev.gradwatch.detection.statistics.OrderStatistics;
import dev.gradwatch.detection.statistics.Ring;

/**
 * The training loss as the run goes: step losses as soon as there are any, the epochs' training loss otherwise, and again once the steps
 * fall silent. Finite values only. What compares the newest value with those before it ({@code window...}, {@code excursion...}) is computed
 * when the value is added, and belongs to the moment: it is not stored.
 * */
public final class LossCurve {

    /** Losses that are kept. */
    private static final int RECENT = 32;

    /** Losses before the newest one that are its usual level: ten, measured on recorded runs. */
    private static final int WINDOW = 10;

    /** First losses whose median is the start: one may be odd. */
    private static final int FIRST = 3;

    /** Losses after which the largest excursion counts for less. Measured on recorded runs. */
    private static final int EXCURSION_SPAN = 128;

    /** A first loss this far above both that follow was measured before the model learned; within it the three are equals. */
    private static final double UNTRAINED = 1.1;

    private final Blocks blocks = new Blocks();
    private final Ring recent = new Ring(RECENT);
    private final double[] first = new double[FIRST];
    private int firstCount;
    private boolean steps;
    private double highest = Double.NEGATIVE_INFINITY;
    private double lowest = Double.POSITIVE_INFINITY;

    /** Largest excursion above the window's median in the span of values that fills now, and in the one before it. */
    private double excursionNow = Double.NEGATIVE_INFINITY;

    private double excursionBefore = Double.NEGATIVE_INFINITY;
    private long excursions;

    /** Values before the blocks began anew. */
    private long earlier;

    private boolean tookOver;

    private double windowMedian;
    private double windowDeviation;
    private double excursion;
    private double largestEarlierExcursion;
    private long earlierExcursions;
    private double rangeBefore;

    /**
     * Adds a finite loss of an optimizer step; the first one of these starts the curve anew.
     *
     * @param sparse whether the log has turned sparse: the blocks, which are equal stretches of records, begin anew
     * @return whether a block is complete
     */
    boolean addStep(double loss, boolean sparse) {
        if (!steps) {
            long before = size();
            clear();
            earlier = before;
            steps = true;
        }
        if (sparse) {
            earlier = size();
            blocks.clear();
        }
        return add(loss);
    }

    /** Adds a finite loss of an epoch, in a run without losses of steps. Returns whether a block is complete. */
    boolean addEpoch(double loss) {
        return add(loss);
    }

    /**
     * Goes on with the losses of epochs because the steps' have stopped.
     *
     * @param firstLoss that of the run's first epoch: steps and epochs may be measured on different scales
     * @param newest the epochs since the last step
     */
    void takeOver(double firstLoss, Ring newest, int count) {
        long before = size();
        clear();
        earlier = before;
        tookOver = true;
        first[firstCount++] = firstLoss;
        for (int age = Math.min(count, newest.size()) - 1; age >= 0; age--) {
            add(newest.ago(age));
        }
    }

    /** Whether epochs took over from steps that stopped. */
    boolean tookOver() {
        return tookOver;
    }

    private boolean add(double loss) {
        if (firstCount < FIRST) {
            first[firstCount++] = loss;
        }
        compareWithWindow(loss);
        recent.push(loss);
        boolean complete = blocks.add(loss);
        if (recent.size() >= 5) {
            double level = recent.medianOfLast(5);
            highest = Math.max(highest, level);
            lowest = Math.min(lowest, level);
        }
        return complete;
    }

    private void compareWithWindow(double loss) {
        windowMedian = recent.medianOfLast(WINDOW);
        windowDeviation = recent.deviationOfLast(WINDOW, windowMedian);
        largestEarlierExcursion = Math.max(excursionNow, excursionBefore);
        earlierExcursions = excursions;
        rangeBefore = Math.max(start(), highest) - Math.min(lowest, windowMedian);
        excursion = loss - windowMedian;
        if (recent.size() >= 8) {
            if (excursions % EXCURSION_SPAN == 0) {
                excursionBefore = excursionNow;
                excursionNow = Double.NEGATIVE_INFINITY;
            }
            excursions++;
            excursionNow = Math.max(excursionNow, excursion);
        }
    }

    /** Whether the curve is made of step losses. */
    public boolean ofSteps() {
        return steps;
    }

    /** Values of the curve, those before its blocks began anew included. */
    public long size() {
        return earlier + blocks.values();
    }

    public Blocks blocks() {
        return blocks;
    }

    public Ring recent() {
        return recent;
    }

    /**
     * Start loss: median of the first three values, which a single odd batch does not move; the first alone where both after it are far lower
     * already, as they are when records are epochs. NaN without any.
     */
    public double start() {
        return switch (firstCount) {
            case 0 -> Double.NaN;
            case 1 -> first[0];
            case 2 -> first[0] / 2 + first[1] / 2;
            default ->
                steps || !(first[1] > 0 && first[0] > UNTRAINED * Math.max(first[1], first[2]))
                        ? OrderStatistics.median(first[0], first[1], first[2])
                        : first[0];
        };
    }

    /** The first value. */
    public double first() {
        return firstCount == 0 ? Double.NaN : first[0];
    }

    /** Smallest of the first three values. */
    public double smallestOfFirst() {
        double smallest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < firstCount; i++) {
            smallest = Math.min(smallest, first[i]);
        }
        return smallest;
    }

    /** The level now: median of the last three values; NaN without any. */
    public double level() {
        return recent.medianOfLast(3);
    }

    /** Highest level (median of five) so far; negative infinity below five values. */
    public double highest() {
        return highest;
    }

    /** Lowest level (median of five) so far; positive infinity below five values. */
    public double lowest() {
        return lowest;
    }

    /** Share of the start loss that the best level has gained; 0 when unknown, negative never. */
    public double improvement() {
        double start = start();
        return Double.isInfinite(lowest) || start == 0 || Double.isNaN(start)
                ? 0
                : Math.max(0, (start - lowest) / Math.abs(start));
    }

    /** Median of the ten values before the newest. */
    public double windowMedian() {
        return windowMedian;
    }

    /** Robust deviation of the ten values before the newest. */
    public double windowDeviation() {
        return windowDeviation;
    }

    /** How far the newest value stands above {@link #windowMedian}. */
    public double excursion() {
        return excursion;
    }

    /** The largest such excursion among the last 128 to 256 values before the newest. */
    public double largestEarlierExcursion() {
        return largestEarlierExcursion;
    }

    /** How many excursions were measured before the newest. */
    public long earlierExcursions() {
        return earlierExcursions;
    }

    /** Highest less lowest level of the run before the newest value. */
    public double rangeBefore() {
        return rangeBefore;
    }

    void clear() {
        blocks.clear();
        recent.clear();
        firstCount = 0;
        steps = false;
        earlier = 0;
        tookOver = false;
        highest = Double.NEGATIVE_INFINITY;
        lowest = Double.POSITIVE_INFINITY;
        excursionNow = Double.NEGATIVE_INFINITY;
        excursionBefore = Double.NEGATIVE_INFINITY;
        excursions = 0;
    }

    void exchange(Fields fields) {
        steps = fields.flag(steps);
        firstCount = fields.count(firstCount, FIRST);
        fields.numbers(first, firstCount);
        blocks.exchange(fields);
        recent.exchange(fields);
        highest = fields.number(highest);
        lowest = fields.number(lowest);
        excursionNow = fields.number(excursionNow);
        excursionBefore = fields.number(excursionBefore);
        excursions = fields.varint(excursions);
        if (fields.hasMore()) {
            earlier = fields.varint(earlier);
            tookOver = fields.flag(tookOver);
        }
    }
}

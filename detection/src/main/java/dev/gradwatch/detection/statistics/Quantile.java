package dev.gradwatch.detection.statistics;

import dev.gradwatch.detection.codec.Fields;
import java.util.Arrays;

/**
 * One quantile of a stream in constant memory: the P-square algorithm (Jain and Chlamtac, Communications of the ACM 28(10), 1985). Exact for
 * up to five values. Values must be finite. Not thread-safe.
 */
public final class Quantile {

    /** Markers of the P2 algorithm. */
    private static final int MARKERS = 5;

    private final double share;
    private final double[] heights = new double[MARKERS];
    private final double[] positions = new double[MARKERS];
    private long count;

    /** @param share which quantile, 0 to 1, such as 0.99 */
    public Quantile(double share) {
        this.share = share;
    }

    public void add(double value) {
        if (count < MARKERS) {
            heights[(int) count++] = value;
            if (count == MARKERS) {
                Arrays.sort(heights);
                for (int i = 0; i < MARKERS; i++) {
                    positions[i] = i;
                }
            }
            return;
        }
        int cell;
        if (value < heights[0]) {
            heights[0] = value;
            cell = 0;
        } else if (value >= heights[MARKERS - 1]) {
            heights[MARKERS - 1] = value;
            cell = MARKERS - 2;
        } else {
            cell = 0;
            while (value >= heights[cell + 1]) {
                cell++;
            }
        }
        for (int i = cell + 1; i < MARKERS; i++) {
            positions[i]++;
        }
        count++;
        for (int i = 1; i < MARKERS - 1; i++) {
            adjust(i);
        }
    }

    /** The quantile; NaN when nothing was added. */
    public double value() {
        if (count == 0) {
            return Double.NaN;
        }
        if (count > MARKERS) {
            return heights[2];
        }
        double[] sorted = Arrays.copyOf(heights, (int) count);
        Arrays.sort(sorted);
        return sorted[(int) Math.min(count - 1, Math.round(share * (count - 1)))];
    }

    public long count() {
        return count;
    }

    private void adjust(int i) {
        double wanted = (count - 1) * wantedShare(i);
        double distance = wanted - positions[i];
        if ((distance >= 1 && positions[i + 1] - positions[i] > 1)
                || (distance <= -1 && positions[i - 1] - positions[i] < -1)) {
            double direction = Math.signum(distance);
            double height = parabola(i, direction);
            if (!(heights[i - 1] < height && height < heights[i + 1])) {
                int neighbour = i + (int) direction;
                height = heights[i]
                        + direction * (heights[neighbour] - heights[i]) / (positions[neighbour] - positions[i]);
            }
            heights[i] = height;
            positions[i] += direction;
        }
    }

    private double parabola(int i, double direction) {
        double left = positions[i] - positions[i - 1];
        double right = positions[i + 1] - positions[i];
        return heights[i]
                + direction
                        / (left + right)
                        * ((left + direction) * (heights[i + 1] - heights[i]) / right
                                + (right - direction) * (heights[i] - heights[i - 1]) / left);
    }

    private double wantedShare(int marker) {
        return switch (marker) {
            case 0 -> 0;
            case 1 -> share / 2;
            case 2 -> share;
            case 3 -> (1 + share) / 2;
            default -> 1;
        };
    }

    /** Forgets all values. */
    public void clear() {
        count = 0;
        Arrays.fill(heights, 0);
        Arrays.fill(positions, 0);
    }

    /** The stored form. */
    public void exchange(Fields fields) {
        count = fields.varint(count);
        if (count < 0) {
            throw new IllegalArgumentException("damaged: a quantile of " + count + " values");
        }
        for (int i = 0; i < MARKERS; i++) {
            heights[i] = fields.compactNumber(heights[i]);
            positions[i] = fields.compactNumber(positions[i]);
        }
    }
}

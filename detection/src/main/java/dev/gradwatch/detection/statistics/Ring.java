package dev.gradwatch.detection.statistics;

import dev.gradwatch.detection.codec.Fields;

/** The last values of a series, at most a fixed number of them. Pushing allocates nothing. Not thread-safe. */
public final class Ring {

    private final double[] values;
    /** For statistics that reorder a copy, so that they allocate nothing. */
    private final double[] scratch;

    private int next;
    private int size;

    public Ring(int capacity) {
        values = new double[capacity];
        scratch = new double[capacity];
    }

    public void push(double value) {
        values[next] = value;
        next = next + 1 == values.length ? 0 : next + 1;
        if (size < values.length) {
            size++;
        }
    }

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** The value pushed {@code age} pushes ago: 0 is the newest. */
    public double ago(int age) {
        if (age < 0 || age >= size) {
            throw new IndexOutOfBoundsException("age " + age + " of " + size);
        }
        int index = next - 1 - age;
        return values[index < 0 ? index + values.length : index];
    }

    /** Median of the newest {@code count} values, or of all when there are fewer; NaN when empty. */
    public double medianOfLast(int count) {
        return median(0, Math.min(count, size));
    }

    /** Median of the {@code count} values before the newest {@code skipped} ones. */
    public double medianBefore(int skipped, int count) {
        return median(skipped, Math.min(count, size - skipped));
    }

    /** The same of the {@code count} values before the newest one. */
    public double medianBeforeNewest(int count) {
        return medianBefore(1, count);
    }

    /** 1.4826 x the median distance from {@code center} of the newest {@code count} values: a robust standard deviation. */
    public double deviationOfLast(int count, double center) {
        return deviation(0, Math.min(count, size), center);
    }

    /** The same of the {@code count} values before the newest one. */
    public double deviationBeforeNewest(int count, double center) {
        return deviation(1, Math.min(count, size - 1), center);
    }

    private double median(int from, int n) {
        if (n == 3) {
            return OrderStatistics.median(ago(from), ago(from + 1), ago(from + 2));
        }
        for (int i = 0; i < n; i++) {
            scratch[i] = ago(from + i);
        }
        return OrderStatistics.median(scratch, Math.max(0, n));
    }

    private double deviation(int from, int n, double center) {
        for (int i = 0; i < n; i++) {
            scratch[i] = Math.abs(ago(from + i) - center);
        }
        return OrderStatistics.ROBUST * OrderStatistics.median(scratch, Math.max(0, n));
    }

    /** The largest value; negative infinity when empty. */
    public double max() {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            max = Math.max(max, values[i]);
        }
        return max;
    }

    /** The smallest of the newest {@code count} values, or of all when there are fewer; positive infinity when there are none. */
    public double minOfLast(int count) {
        double min = Double.POSITIVE_INFINITY;
        for (int age = 0; age < Math.min(count, size); age++) {
            min = Math.min(min, ago(age));
        }
        return min;
    }

    /** Copies the newest {@code count} values, or all when there are fewer, from old to new; how many it copied. */
    public int copyLast(int count, double[] to) {
        int n = Math.min(count, size);
        for (int i = 0; i < n; i++) {
            to[i] = ago(n - 1 - i);
        }
        return n;
    }

    /** Largest less smallest of the newest {@code count} values; NaN when there are fewer. */
    public double rangeOfLast(int count) {
        if (count > size) {
            return Double.NaN;
        }
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int age = 0; age < count; age++) {
            low = Math.min(low, ago(age));
            high = Math.max(high, ago(age));
        }
        return high - low;
    }

    /** Mean of the {@code count} values before the newest {@code skipped} ones; there must be so many. */
    public double meanBefore(int skipped, int count) {
        double mean = 0;
        for (int i = 0; i < count; i++) {
            mean += ago(skipped + i) / count;
        }
        return mean;
    }

    /** Mean of the newest {@code count} values, or of all when there are fewer; NaN when empty. */
    public double meanOfLast(int count) {
        int n = Math.min(count, size);
        double mean = n == 0 ? Double.NaN : 0;
        for (int age = 0; age < n; age++) {
            mean += ago(age) / n;
        }
        return mean;
    }

    public void clear() {
        next = 0;
        size = 0;
    }

    /** The stored form: the values from oldest to newest. */
    public void exchange(Fields fields) {
        int count = fields.count(size, values.length);
        if (fields.reading()) {
            clear();
            for (int i = 0; i < count; i++) {
                push(fields.number(0));
            }
        } else {
            for (int age = count - 1; age >= 0; age--) {
                fields.number(ago(age));
            }
        }
    }
}

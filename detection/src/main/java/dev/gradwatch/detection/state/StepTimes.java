package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.Fields;
import dev.gradwatch.detection.statistics.Ring;

/**
 * How long an optimizer step takes, by event time, in windows of steps that were timed. A publisher may report every tenth step, and many
 * steps under one time: what counts is the time between two reports over the steps between them.
 */
public final class StepTimes {

    /** Timed reports in a window. */
    public static final int WINDOW = 32;

    /** The usual time is the longest of this many windows, the first one left out: it holds compilation and caches that fill. */
    private static final int USUAL = 4;

    private final Ring window = new Ring(WINDOW);
    private final Ring usual = new Ring(USUAL);
    private long lastStep = -1;
    private long lastMillis;
    private long filled;
    private double median = Double.NaN;

    /** Takes in a step at its time; whether that completed a window. */
    boolean add(long step, long millis) {
        if (millis < lastMillis - RunProgress.REORDERED_MILLIS) {
            // Another clock: what was measured stands, the time between the two says nothing.
            lastStep = -1;
        }
        boolean first = lastStep < 0;
        if (!first && (step <= lastStep || millis <= lastMillis)) {
            return false;
        }
        double each = first ? Double.NaN : (double) (millis - lastMillis) / (step - lastStep);
        lastStep = step;
        lastMillis = millis;
        if (first) {
            return false;
        }
        window.push(each);
        if (window.size() < WINDOW) {
            return false;
        }
        median = window.medianOfLast(WINDOW);
        window.clear();
        filled++;
        if (filled > 1 && usual.size() < USUAL) {
            usual.push(median);
        }
        return true;
    }

    /** Median milliseconds a step in the newest complete window; NaN before there is one. */
    public double medianMillis() {
        return median;
    }

    /** The run's usual milliseconds a step, the slowest of its first windows; NaN until they are known. */
    public double usualMillis() {
        return usual.size() < USUAL ? Double.NaN : usual.max();
    }

    void clear() {
        window.clear();
        usual.clear();
        lastStep = -1;
        lastMillis = 0;
        filled = 0;
        median = Double.NaN;
    }

    void exchange(Fields fields) {
        window.exchange(fields);
        usual.exchange(fields);
        lastStep = fields.varint(lastStep);
        lastMillis = fields.varint(lastMillis);
        filled = fields.varint(filled);
        median = fields.compactNumber(median);
    }
}

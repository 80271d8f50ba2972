package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.Fields;
import dev.gradwatch.detection.statistics.Quantile;

/** How long the run usually lets wait for its next record, by event time. Outlives an attempt. */
public final class ReportingInterval {

    private final Quantile gaps = new Quantile(0.99);
    private long lastMillis;

    void received(long timeMillis) {
        if (lastMillis > 0 && timeMillis >= lastMillis) {
            gaps.add((double) (timeMillis - lastMillis));
        }
        lastMillis = Math.max(lastMillis, timeMillis);
    }

    /** Gaps between records that are known. */
    public long gaps() {
        return gaps.count();
    }

    /** The gap that 99 of 100 stay below, in milliseconds; NaN without any. */
    public double usualMillis() {
        return gaps.value();
    }

    void exchange(Fields fields) {
        gaps.exchange(fields);
        lastMillis = fields.varint(lastMillis);
    }
}

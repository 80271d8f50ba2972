package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.Fields;
import dev.gradwatch.detection.statistics.Quantile;

/** How long the run usually lets wait for its next record, by event time. Outlives an attempt. */
public final class ReportingInterval {

    /**
     * A longer gap counts only when the next record does not lie before it, milliseconds: one record with a clock a day ahead would else
     * look like a habit of silence. Far above what runs report by, far below a wrong time zone.
     */
    private static final long CONFIRM_MILLIS = 10 * 60_000;

    private final Quantile gaps = new Quantile(0.99);
    private long lastMillis;
    private long unconfirmed;

    void received(long timeMillis) {
        if (timeMillis < lastMillis - RunProgress.REORDERED_MILLIS) {
            unconfirmed = 0;
            lastMillis = timeMillis;
            return;
        }
        if (unconfirmed > 0) {
            gaps.add((double) unconfirmed);
            unconfirmed = 0;
        }
        long gap = timeMillis - lastMillis;
        if (lastMillis > 0 && gap > CONFIRM_MILLIS) {
            unconfirmed = gap;
        } else if (lastMillis > 0 && gap >= 0) {
            gaps.add((double) gap);
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
        unconfirmed = fields.hasMore() ? fields.varint(unconfirmed) : 0;
    }
}

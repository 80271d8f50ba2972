package dev.gradwatch.app.engine;

import java.util.BitSet;

/**
 * Watches how many of the last thousand records of this instance could not be used, and ends it when they are too many. One for all
 * threads; thread-safe.
 */
final class BadRecordLimit {

    static final int WINDOW = 1000;

    private final double maxShare;
    private final int minimum;
    private final BitSet bad = new BitSet(WINDOW);
    private int next;
    private int seen;
    private int badSeen;

    BadRecordLimit(double maxShare, int minimum) {
        this.maxShare = maxShare;
        this.minimum = minimum;
    }

    synchronized void good() {
        count(false);
    }

    /**
     * @param record which record it is and what is wrong with it, for the message
     * @throws TooManyBadRecordsException when this one is one too many
     */
    synchronized void bad(String record) {
        count(true);
        if (badSeen >= minimum && badSeen > maxShare * seen) {
            throw new TooManyBadRecordsException(badSeen + " of the last " + seen
                    + " records could not be used (limit: "
                    + minimum + " records and a share of " + maxShare + "), so the service stops instead of skipping"
                    + " the world. The latest is " + record
                    + ". See who publishes such records; then start again: nothing was skipped since the last commit.");
        }
    }

    private void count(boolean isBad) {
        if (seen == WINDOW) {
            if (bad.get(next)) {
                badSeen--;
            }
        } else {
            seen++;
        }
        bad.set(next, isBad);
        if (isBad) {
            badSeen++;
        }
        next = (next + 1) % WINDOW;
    }
}

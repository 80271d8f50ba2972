package dev.gradwatch.detection.statistics;

/**
 * Persistence that grows with the run. It switches on once a condition held at every look while the run grew by a share of its length,
 * and over a least number of records; it switches off when neither the condition nor a weaker one held for as long. Immutable: the two
 * numbers that it remembers live in three slots of its owner's memory, all zero at the start.
 *
 * @param growth share of the run's length that the condition must hold, such as 0.1
 * @param least records that it must hold at least
 */
public record Persistence(double growth, int least) {

    /** Slots of memory that one hold needs. */
    public static final int SLOTS = 3;

    /** Slots: since when the condition holds, since when it is gone, and whether it is on. */
    private static final int SINCE = 0;

    private static final int GONE = 1;
    private static final int ON = 2;

    /**
     * Looks once.
     *
     * @param slots the owner's memory
     * @param at where this hold's slots begin
     * @param condition what must hold
     * @param still the weaker condition that keeps it on
     * @param n length of the run in records, 1 or more and never falling
     * @return whether it is on now
     */
    public boolean update(double[] slots, int at, boolean condition, boolean still, long n) {
        if (slots[at + ON] == 0) {
            if (!condition) {
                slots[at + SINCE] = 0;
                return false;
            }
            if (slots[at + SINCE] == 0) {
                slots[at + SINCE] = n;
            }
            double since = slots[at + SINCE];
            if (n - since >= Math.max(least - 1, growth * since)) {
                slots[at + ON] = 1;
                slots[at + GONE] = 0;
            }
        } else {
            if (condition || still) {
                slots[at + GONE] = 0;
            } else if (slots[at + GONE] == 0) {
                slots[at + GONE] = n;
            }
            double gone = slots[at + GONE];
            if (gone != 0 && n - gone >= Math.max(least, growth * gone)) {
                reset(slots, at);
            }
        }
        return slots[at + ON] != 0;
    }

    /** Starts the patience anew, as when a stronger explanation takes over. */
    public static void reset(double[] slots, int at) {
        slots[at + SINCE] = 0;
        slots[at + GONE] = 0;
        slots[at + ON] = 0;
    }
}

package dev.gradwatch.recorded.rows;

/**
 * Makes steps since the beginning of the run from a counter that begins anew with every epoch, as in {@code Epoch 2/10, step 100/600}. A
 * counter that goes on over the epochs stays as it is.
 */
final class StepCounter {

    private double epoch = Double.NaN;
    private long last = -1;
    private long base;

    StepCounter(String memory) {
        if (!memory.isEmpty()) {
            String[] parts = memory.split(" ", -1);
            epoch = Double.parseDouble(parts[0]);
            last = Long.parseLong(parts[1]);
            base = Long.parseLong(parts[2]);
        }
    }

    /** To be kept; empty when there is nothing to keep. */
    String memory() {
        return last < 0 ? "" : epoch + " " + last + " " + base;
    }

    /** The step since the beginning of the run. */
    long step(double atEpoch, long counted) {
        double whole = Math.floor(atEpoch);
        if (whole < epoch) {
            base = 0;
        } else if (whole > epoch && counted <= last) {
            base += last;
        }
        epoch = whole;
        last = counted;
        return base + counted;
    }

    /** Of the row that was counted last, or -1. */
    long lastStep() {
        return last < 0 ? -1 : base + last;
    }
}

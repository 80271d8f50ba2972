package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.Fields;

/**
 * How far apart the logged steps are. Some programs log each of the first hundred steps and every five-hundredth from then on: there the
 * first hundred records are no stretch of the run at all, and what is measured in records has to begin anew.
 */
final class LogStride {

    /** So many times the widest stride before makes a log sparse: a usual change of the logging interval is smaller. */
    private static final long SPARSE = 8;

    /** Wide strides running: one alone is a gap in a log, not a sparse one. */
    private static final int RUNNING = 2;

    private long lastStep = -1;
    private long stride;
    private int wide;

    /** Moves on to a step; whether the log has just turned sparse. */
    boolean turnsSparse(long step) {
        long now = lastStep < 0 ? 0 : step - lastStep;
        lastStep = step;
        if (stride == 0 || now < SPARSE * stride) {
            stride = Math.max(stride, now);
            wide = 0;
            return false;
        }
        wide++;
        if (wide < RUNNING) {
            return false;
        }
        stride = now;
        wide = 0;
        return true;
    }

    void clear() {
        lastStep = -1;
        stride = 0;
        wide = 0;
    }

    void exchange(Fields fields) {
        lastStep = fields.varint(lastStep);
        stride = fields.varint(stride);
        wide = (int) fields.varint(wide);
    }
}

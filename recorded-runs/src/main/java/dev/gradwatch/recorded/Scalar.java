package dev.gradwatch.recorded;

/**
 * A named number of a log, understood: what it is, measured on what, and over what.
 *
 * @param label its name as the log has it; of a layer's norm, the layer's name
 */
record Scalar(Meaning meaning, Part part, Span span, String label) {

    /** The samples it was measured on. Test samples stand in for validation samples where there are none. */
    enum Part {
        UNSAID,
        TRAINING,
        VALIDATION,
        TEST;

        boolean isHeldOut() {
            return this == VALIDATION || this == TEST;
        }
    }

    /** Over what it was measured. */
    enum Span {
        UNSAID,
        STEP,
        EPOCH
    }

    boolean isHeldOut() {
        return part.isHeldOut();
    }
}

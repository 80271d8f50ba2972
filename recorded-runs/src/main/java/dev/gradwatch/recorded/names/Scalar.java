package dev.gradwatch.recorded.names;

/**
 * A named number of a log, understood: what it is, measured on what, and over what.
 *
 * @param label its name as the log has it; of a layer's norm, the layer's name
 */
public record Scalar(Quantity quantity, Part part, Span span, String label) {

    /** The samples it was measured on. Test samples stand in for validation samples where there are none. */
    public enum Part {
        UNSAID,
        TRAINING,
        VALIDATION,
        TEST;

        public boolean isHeldOut() {
            return this == VALIDATION || this == TEST;
        }
    }

    /** Over what it was measured. */
    public enum Span {
        UNSAID,
        STEP,
        EPOCH
    }

    public boolean isHeldOut() {
        return part.isHeldOut();
    }
}

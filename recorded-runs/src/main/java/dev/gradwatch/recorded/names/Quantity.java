package dev.gradwatch.recorded.names;

/** What a named number of a log stands for. */
public enum Quantity {
    STEP,
    EPOCH,
    TIME,
    LOSS,
    /** One of several losses whose sum is the loss. */
    PART_OF_LOSS,
    /** A loss called after what it measures, such as {@code ctc_loss}; the loss of a run where it is the only one. */
    NAMED_LOSS,
    ACCURACY,
    LEARNING_RATE,
    GRADIENT_NORM,
    LAYER_GRADIENT_NORM,
    METRIC,
    /** How many steps or epochs the run will have. */
    PLANNED_STEPS,
    PLANNED_EPOCHS,
    NOTHING
}

package dev.gradwatch.recorded.names;

/** What a named number of a log stands for. */
public enum Quantity {
    STEP,
    EPOCH,
    TIME,
    LOSS,
    /** One of several losses whose sum is the loss. */
    PART_OF_LOSS,
    ACCURACY,
    LEARNING_RATE,
    GRADIENT_NORM,
    LAYER_GRADIENT_NORM,
    METRIC,
    NOTHING
}

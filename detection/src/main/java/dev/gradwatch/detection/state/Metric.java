package dev.gradwatch.detection.state;

/** The metrics whose standing still is watched; the order is part of the stored form. */
public enum Metric {
    STEP_LOSS("step loss"),
    TRAIN_LOSS("training loss"),
    VALIDATION_LOSS("validation loss"),
    TRAIN_ACCURACY("training accuracy"),
    VALIDATION_ACCURACY("validation accuracy");

    private final String title;

    Metric(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }

    public boolean isAccuracy() {
        return this == TRAIN_ACCURACY || this == VALIDATION_ACCURACY;
    }
}

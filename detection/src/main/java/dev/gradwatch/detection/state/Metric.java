package dev.gradwatch.detection.state;

/** The metrics whose standing still is watched; the order is part of the stored form. */
public enum Metric {
    STEP_LOSS("step loss", "loss"),
    TRAIN_LOSS("training loss", "train_loss"),
    VALIDATION_LOSS("validation loss", "validation_loss"),
    TRAIN_ACCURACY("training accuracy", "train_accuracy"),
    VALIDATION_ACCURACY("validation accuracy", "validation_accuracy");

    private final String title;
    private final String field;

    Metric(String title, String field) {
        this.title = title;
        this.field = field;
    }

    /** The event field that carries it. */
    public String field() {
        return field;
    }

    public String title() {
        return title;
    }

    public boolean isAccuracy() {
        return this == TRAIN_ACCURACY || this == VALIDATION_ACCURACY;
    }
}

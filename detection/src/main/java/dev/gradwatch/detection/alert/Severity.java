package dev.gradwatch.detection.alert;

/** How grave an alert is. The order matters: later is graver. */
public enum Severity {
    /** Context and advice; never pages anyone. */
    INFO,
    /** Look at it today. */
    WARNING,
    /** The run is lost or wastes its hours. */
    CRITICAL;

    public boolean isPaging() {
        return this != INFO;
    }
}

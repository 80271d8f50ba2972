package dev.gradwatch.detection.alert;

/** Where an alert stands after a change. */
public enum AlertState {
    /** Seen for the first time. */
    OPENED,
    /** Graver than before. */
    ESCALATED,
    /** Still open, with newer evidence. */
    UPDATED,
    /** The run recovered. */
    RESOLVED,
    /** The run or its attempt ended while the alert was open. */
    CLOSED;

    public boolean isOpen() {
        return this != RESOLVED && this != CLOSED;
    }
}

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
    CLOSED,
    /** Another alert tells the same story and took over. */
    SUPERSEDED;

    public boolean isOpen() {
        return this == OPENED || this == ESCALATED || this == UPDATED;
    }
}

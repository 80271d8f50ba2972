package dev.gradwatch.detection.detector;

import dev.gradwatch.detection.alert.Severity;

/** Where a detector says what it sees in the event that it examines. */
public interface FindingReporter {

    /**
     * The symptom is there now. Opens an alert unless a stronger one explains it, escalates an open one, or confirms it.
     *
     * @return whether something new is said, so that {@link #report} is expected next; {@code false} in the usual case, so that words are
     *     only made when somebody reads them
     */
    boolean fires(Severity severity);

    /**
     * Context that is worth one note in an attempt, as an alert of severity info.
     *
     * @return whether it is said, so that {@link #report} is expected next
     */
    boolean notes();

    /** AlertMessage and numbers of what {@link #fires} or {@link #notes} announced. */
    void report(AlertMessage message);

    /** The symptom is gone. */
    void clears();

    /** The condition is true now, although it has not lasted long enough to fire: other explanations hold back. */
    void suspects();

    /** Whether another detector's condition is true in this event, see {@link #suspects}. */
    boolean isSuspected(String detector);

    /** Whether a detector's alert is open and pages people. */
    boolean isPaging(String detector);

    /** Whether an alert that explains this symptom better is open and pages people. */
    boolean isExplained();
}

package dev.gradwatch.detection.event;

/**
 * The run's attempt ended.
 *
 * @param reason why, in the publisher's words, or {@code null}
 */
public record RunFinished(Outcome outcome, String reason) implements RunEvent {

    /** How a run ended. */
    public enum Outcome {
        UNKNOWN,
        COMPLETED,
        FAILED,
        CANCELLED,
        STOPPED
    }
}

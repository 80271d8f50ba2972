package dev.gradwatch.wire;

/**
 * A record that can never be used, whoever tries and however often: it belongs in the dead-letter topic. Its message names what was found;
 * text out of the record is cut and has no control characters. It has no stack trace, because it speaks of the record and not of code, and
 * records like it come in floods.
 */
public class UndecodableRecordException extends Exception {

    private static final long serialVersionUID = 1L;

    private final DeadLetterCause deadLetterCause;

    public UndecodableRecordException(DeadLetterCause deadLetterCause, String message) {
        this(deadLetterCause, message, null);
    }

    public UndecodableRecordException(DeadLetterCause deadLetterCause, String message, Throwable cause) {
        super(message, cause, false, false);
        this.deadLetterCause = deadLetterCause;
    }

    /** Which of the closed set of causes it is. */
    public DeadLetterCause deadLetterCause() {
        return deadLetterCause;
    }

    /** The cause's stable kebab-case code. */
    public String code() {
        return deadLetterCause.code();
    }
}

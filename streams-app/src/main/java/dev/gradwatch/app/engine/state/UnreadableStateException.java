package dev.gradwatch.app.engine.state;

/** The stored state of a run is damaged, or was written by a later version of this program. */
public final class UnreadableStateException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UnreadableStateException(String message, Throwable cause) {
        super(message, cause);
    }
}

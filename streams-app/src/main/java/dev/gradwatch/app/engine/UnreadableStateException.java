package dev.gradwatch.app.engine;

/** The stored state of a run is damaged, or was written by a later version of this program. */
final class UnreadableStateException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnreadableStateException(String message, Throwable cause) {
        super(message, cause);
    }
}

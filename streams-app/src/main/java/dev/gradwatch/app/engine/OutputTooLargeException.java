package dev.gradwatch.app.engine;

/** What a record led to does not fit into a record. */
final class OutputTooLargeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    OutputTooLargeException(String message) {
        super(message);
    }
}

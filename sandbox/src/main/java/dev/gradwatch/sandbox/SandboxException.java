package dev.gradwatch.sandbox;

/** The sandbox cannot go on; the message says what happened, where, and what to do, and is all that people need to read. */
public final class SandboxException extends RuntimeException {

    public SandboxException(String message) {
        super(message);
    }

    public SandboxException(String message, Throwable cause) {
        super(message, cause);
    }
}

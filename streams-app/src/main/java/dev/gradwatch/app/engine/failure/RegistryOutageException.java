package dev.gradwatch.app.engine.failure;

/**
 * The schema registry did not answer for as long as a record may wait. The thread that throws it starts over at the last commit, so
 * nothing is lost.
 */
public final class RegistryOutageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public RegistryOutageException(String message, Throwable cause) {
        super(message, cause);
    }
}

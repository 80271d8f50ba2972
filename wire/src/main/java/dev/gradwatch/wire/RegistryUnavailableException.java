package dev.gradwatch.wire;

/** The registry gave no usable answer now; the same call may work later, so nothing may be thrown away because of it. */
public final class RegistryUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public RegistryUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}

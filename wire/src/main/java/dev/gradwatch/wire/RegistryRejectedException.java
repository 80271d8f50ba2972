package dev.gradwatch.wire;

/** The registry refused, and will refuse again until somebody changes a schema, a setting or a permission; the message says which. */
public final class RegistryRejectedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean accessDenied;

    public RegistryRejectedException(String message, boolean accessDenied, Throwable cause) {
        super(message, cause);
        this.accessDenied = accessDenied;
    }

    /** Whether our credentials were refused: that says nothing about the schema that was asked for. */
    public boolean isAccessDenied() {
        return accessDenied;
    }
}

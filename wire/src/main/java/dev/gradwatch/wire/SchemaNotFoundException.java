package dev.gradwatch.wire;

/** The registry was reached and has no such schema. */
public final class SchemaNotFoundException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public SchemaNotFoundException(String message, Throwable cause) {
        super(message, cause);
    }
}

package dev.gradwatch.schemas;

import org.apache.avro.util.ClassSecurityValidator;

/**
 * Tells Avro that the classes of this package may be made from records. Since 1.12.2 Avro refuses every class that nobody vouched for, so
 * that a hostile schema cannot name one of its own choosing. Without it readers, writers and builders throw a {@link SecurityException}.
 *
 * <p>The list is one for the whole process; what others put there stays. Thread-safe.
 */
public final class TrustedRecords {

    private static final String PACKAGE = TrustedRecords.class.getPackageName();

    static {
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                type -> type.getPackageName().equals(PACKAGE)));
    }

    private TrustedRecords() {}

    /** Must have been called before the first record is read, written or built; calling it again does nothing. */
    public static void trust() {
        // Loading this class did it, once.
    }
}

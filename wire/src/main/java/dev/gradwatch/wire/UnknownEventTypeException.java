package dev.gradwatch.wire;

import dev.gradwatch.detection.text.Sanitizer;

/**
 * A record of a type that this version does not know: a newer publisher's, and no fault of anybody's. Whoever cannot tell it from a fault
 * may treat it as one, hence the superclass.
 */
public final class UnknownEventTypeException extends UndecodableRecordException {

    private static final long serialVersionUID = 1L;

    private final int schemaId;

    UnknownEventTypeException(String type, int schemaId) {
        super(
                DeadLetterCause.INCOMPATIBLE_SCHEMA,
                "schema " + schemaId + " has a type " + Sanitizer.quoted(type)
                        + " that this version does not know: its publisher is newer");
        this.schemaId = schemaId;
    }

    /** The id of the schema that knows the type. */
    public int schemaId() {
        return schemaId;
    }
}

package dev.gradwatch.wire;

import dev.gradwatch.detection.event.EventLimits;
import java.util.Locale;

/** Why a record cannot be used. A closed set: the codes are metric labels and header values that people filter by, so none is ever renamed. */
public enum DeadLetterCause {
    /** The record has no value. */
    EMPTY_VALUE("the record has no value"),
    /** The value does not begin with the magic byte and a schema id. */
    NOT_WIRE_FORMAT("the value is not in Confluent's wire format: a zero byte, a 4-byte schema id, Avro binary"),
    /** The registry does not know the record's schema id. */
    UNKNOWN_SCHEMA("the registry has no schema of the record's id"),
    /** The bytes are not what the record's schema says. */
    UNREADABLE("the bytes do not follow the record's schema: cut short, too long or damaged"),
    /** The record's schema cannot be read as ours. */
    INCOMPATIBLE_SCHEMA("the record's schema cannot be read as a training event"),
    /** The record's key is not the run id of its value. */
    WRONG_KEY("the record's key is missing or differs from the run id in its value"),
    /** A value lies outside the range that its schema documents. */
    IMPOSSIBLE_VALUE("a value lies outside the range that the schema documents"),
    /** More layers than a run may have. */
    TOO_MANY_LAYERS("a layer list is longer than " + EventLimits.LAYERS),
    /** More steps than a batch may have. */
    TOO_MANY_STEPS("a batch has more than " + EventLimits.STEPS + " steps"),
    /** More tags, metrics or names than a record may carry. */
    TOO_MANY_ENTRIES(
            "a map has more than " + EventLimits.TAGS + " entries, or a list of names more than " + EventLimits.NAMES),
    /** One record that would take too much of this process's memory. */
    RECORD_TOO_LARGE("the record takes too large a share of the service's memory"),
    /** An attempt that skips more than a run may. */
    ATTEMPT_TOO_FAR("the attempt lies more than " + EventLimits.ATTEMPT_JUMP + " above the run's last one"),
    /** A registration of a run that somebody else registered. */
    OTHER_PUBLISHER("the run was registered by another publisher, and only that one may register it anew"),
    /** What the record led to is larger than a record may be. */
    OUTPUT_TOO_LARGE("what the record led to is larger than the brokers accept"),
    /** A fault of this program. */
    PROCESSING_FAILED("the record was read, but processing it failed: a fault of this program, please report it");

    private final String code;
    private final String meaning;

    DeadLetterCause(String meaning) {
        this.code = name().toLowerCase(Locale.ROOT).replace('_', '-');
        this.meaning = meaning;
    }

    /** The stable kebab-case code, such as {@code unknown-schema}. */
    public String code() {
        return code;
    }

    /** One line for people. */
    public String meaning() {
        return meaning;
    }
}

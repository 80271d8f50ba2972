package dev.gradwatch.wire;

import java.util.Collection;
import java.util.Map;

/** The ranges that {@code training-event.avsc} documents. Absent values pass; NaN passes where it is data. */
final class Check {

    static final int LONGEST_RUN_ID = 256;
    static final int LONGEST_NAME = 1024;
    static final int LONGEST_LIST = 4096;
    static final int LARGEST_MAP = 64;

    private Check() {}

    static void atLeast(String field, Integer value, int least) throws UndecodableRecordException {
        if (value != null && value < least) {
            throw impossible(field, value, least + " or more");
        }
    }

    static void atLeast(String field, Long value, long least) throws UndecodableRecordException {
        if (value != null && value < least) {
            throw impossible(field, value, least + " or more");
        }
    }

    /** A measured size: NaN and infinity are data, a negative number is a fault of whoever measured. */
    static void notNegative(String field, Double value) throws UndecodableRecordException {
        if (value != null && value < 0) {
            throw impossible(field, value, "0 or more, NaN or Infinity");
        }
    }

    static void share(String field, Double value, double most) throws UndecodableRecordException {
        if (value != null && (value < 0 || value > most)) {
            throw impossible(field, value, "0 to " + most + ", or NaN");
        }
    }

    /** A configured number, which nobody measures: NaN and infinity are faults. */
    static void positive(String field, Double value) throws UndecodableRecordException {
        if (value != null && !(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw impossible(field, value, "a finite number above 0");
        }
    }

    /** A place on the time line of the run. */
    static void position(String field, Double value) throws UndecodableRecordException {
        if (value != null && !(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw impossible(field, value, "a finite number, 0 or more");
        }
    }

    /** A text that identifies something, which may therefore not be cut. */
    static void name(String field, String value) throws UndecodableRecordException {
        if (value.length() > LONGEST_NAME) {
            throw impossible(field, Shown.text(value), "at most " + LONGEST_NAME + " characters");
        }
    }

    static void names(String field, Collection<String> values) throws UndecodableRecordException {
        length(field, values, DeadLetterCause.TOO_MANY_ENTRIES);
        for (String value : values) {
            name(field, value);
        }
    }

    static void length(String field, Collection<?> values, DeadLetterCause cause) throws UndecodableRecordException {
        if (values.size() > LONGEST_LIST) {
            throw new UndecodableRecordException(
                    cause, field + " has " + values.size() + " entries; at most " + LONGEST_LIST + " are allowed");
        }
    }

    static void entries(String field, Map<String, ?> values) throws UndecodableRecordException {
        if (values.size() > LARGEST_MAP) {
            throw new UndecodableRecordException(
                    DeadLetterCause.TOO_MANY_ENTRIES,
                    field + " has " + values.size() + " entries; at most " + LARGEST_MAP + " are allowed");
        }
        for (String name : values.keySet()) {
            name(field, name);
        }
    }

    static UndecodableRecordException impossible(String field, Object value, String allowed) {
        return new UndecodableRecordException(
                DeadLetterCause.IMPOSSIBLE_VALUE, field + " is " + value + "; it must be " + allowed);
    }
}

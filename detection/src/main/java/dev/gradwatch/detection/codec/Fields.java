package dev.gradwatch.detection.codec;

import java.util.ArrayList;
import java.util.List;

/**
 * A sequence of fields that is either written or read, so that one method describes the stored form of a class in both directions:
 * {@code size = fields.varint(size)} writes {@code size} and leaves it alone, or reads it.
 */
public interface Fields {

    /** Whether fields are being read. */
    boolean reading();

    /** Whether there is more to read; always when writing. A field that was added at the end of a section asks before it is read. */
    default boolean hasMore() {
        return true;
    }

    /** Eight bytes, every bit kept. */
    double number(double value);

    /** Four bytes. */
    float float32(float value);

    /** One byte when zero, few bytes when a small whole number, nine otherwise. */
    double compactNumber(double value);

    /** Few bytes when near zero. */
    long varint(long value);

    boolean flag(boolean value);

    /** Text or {@code null}. */
    String text(String value);

    /** Text that is always there: {@code null} can only be damage. */
    default String requiredText(String value) {
        String word = text(value);
        if (word == null) {
            throw new IllegalArgumentException("damaged: a text is missing");
        }
        return word;
    }

    /** The first {@code count} values of an array. */
    default void numbers(double[] values, int count) {
        for (int i = 0; i < count; i++) {
            values[i] = number(values[i]);
        }
    }

    /** A count that must lie between 0 and {@code max}: guards arrays against damaged bytes. */
    default int count(int value, int max) {
        long count = varint(value);
        if (count < 0 || count > max) {
            throw new IllegalArgumentException("a count of " + count + " where 0 to " + max + " is possible");
        }
        return (int) count;
    }

    /** A whole number or {@code null}. */
    default Long varintOrNull(Long value) {
        return flag(value != null) ? (Long) varint(value == null ? 0 : value) : null;
    }

    /** A number or {@code null}. */
    default Double numberOrNull(Double value) {
        return flag(value != null) ? (Double) number(value == null ? 0 : value) : null;
    }

    /** A list of texts, at most {@code max} of them. */
    default List<String> texts(int max, List<String> values) {
        int count = count(values.size(), max);
        List<String> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            all.add(requiredText(reading() ? "" : values.get(i)));
        }
        return all;
    }
}

package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.Fields;
import dev.gradwatch.detection.event.IgnoredField;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was left out of a run's events in all attempts: how often by field, with the first thing that was found. Bounded. */
public final class IgnoredFields {

    /** Fields that are told apart; further ones are counted together. A publisher with more faults than these has one fault. */
    private static final int CAPACITY = 8;

    /** Characters of an example, enough for a number and its range. */
    private static final int LONGEST = 120;

    private record Note(long times, String first) {}

    private final Map<String, Note> notes = new LinkedHashMap<>();
    private long others;

    void add(IgnoredField field) {
        String label = field.field().label();
        Note known = notes.get(label);
        if (known != null) {
            notes.put(label, new Note(known.times() + field.times(), known.first()));
        } else if (notes.size() < CAPACITY) {
            String what = field.what();
            notes.put(label, new Note(field.times(), what.length() <= LONGEST ? what : what.substring(0, LONGEST)));
        } else {
            others += field.times();
        }
    }

    public boolean isEmpty() {
        return notes.isEmpty();
    }

    /** A line for each field, for people: {@code train_accuracy: -1.6, must be 0 to 100.1, or NaN (12 times)}. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        notes.forEach((label, note) -> lines.add(label + ": " + note.first() + times(note.times())));
        if (others > 0) {
            lines.add("other fields" + times(others));
        }
        return lines;
    }

    private static String times(long times) {
        return times == 1 ? "" : " (" + times + " times)";
    }

    void exchange(Fields fields) {
        int count = fields.count(notes.size(), CAPACITY);
        if (fields.reading()) {
            notes.clear();
            for (int i = 0; i < count; i++) {
                String label = fields.requiredText("");
                notes.put(label, new Note(fields.varint(0), fields.requiredText("")));
            }
        } else {
            notes.forEach((label, note) -> {
                fields.requiredText(label);
                fields.varint(note.times());
                fields.requiredText(note.first());
            });
        }
        others = fields.varint(others);
    }
}

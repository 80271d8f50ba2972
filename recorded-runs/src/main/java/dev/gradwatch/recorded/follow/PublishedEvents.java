package dev.gradwatch.recorded.follow;

import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.recorded.log.LogEntries;
import dev.gradwatch.recorded.log.LogEntry;
import dev.gradwatch.recorded.log.LogPosition;
import dev.gradwatch.recorded.log.RecordedRunException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The last events of a run that were published, by which their place in a log is found that was written anew. */
final class PublishedEvents {

    private static final int MOST = 64;

    private final Deque<Long> before;
    private final Deque<RunEvent> added = new ArrayDeque<>();

    /**
     * How much of a log is known.
     *
     * @param count entries at its beginning
     * @param toTheLast whether the last event that was published is among them
     */
    record Known(long count, boolean toTheLast) {}

    /** Goes on from kept fingerprints, oldest first. */
    PublishedEvents(List<Long> before) {
        this.before = new ArrayDeque<>(before);
    }

    void add(RunEvent event) {
        added.add(event);
        if (added.size() > MOST) {
            added.remove();
        }
    }

    /** To be kept, oldest first. */
    List<Long> prints() {
        Deque<Long> prints = new ArrayDeque<>(before);
        for (RunEvent event : added) {
            Long print = EventFingerprint.of(event);
            if (print != null) {
                prints.add(print);
            }
        }
        while (prints.size() > MOST) {
            prints.remove();
        }
        return List.copyOf(prints);
    }

    /**
     * How much of the beginning of a log is known: up to the latest of the events that stands there, at its last place.
     *
     * @param whole whether a log that cannot be read to its end is to be left alone
     */
    Known find(LogEntries entries, boolean whole) throws IOException, RecordedRunException {
        Map<Long, Integer> ages = new HashMap<>();
        prints().forEach(print -> ages.put(print, ages.size()));
        long known = 0;
        int best = -1;
        long at = 0;
        while (true) {
            Map<Path, LogPosition> mark = entries.marks();
            try {
                LogEntry entry = entries.next();
                if (entry == null) {
                    break;
                }
                at++;
                Integer age = ages.get(EventFingerprint.of(entry.event()));
                if (age != null && age >= best) {
                    best = age;
                    known = at;
                }
            } catch (RecordedRunException e) {
                if (whole) {
                    throw e;
                }
                if (entries.marks().equals(mark)) {
                    break;
                }
            }
        }
        return new Known(known, best >= ages.size() - 1);
    }
}

package dev.gradwatch.recorded.log;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/** An open file: its header, then its events one by one, never more than a few in memory. */
public interface LogEntries extends Closeable {

    /** Names that a message lists: enough to see which log it is. */
    int NAMES_SHOWN = 12;

    RunHeader header();

    /**
     * The next event, or {@code null} at the end; of a growing file: for now.
     *
     * @throws RecordedRunException for content that cannot be read; a growing file may be read on after it
     */
    LogEntry next() throws IOException, RecordedRunException;

    /** What was looked for and what was there instead, to be told when nothing was read: one sentence without a full stop. */
    default String lookedFor() {
        return "no step, epoch or evaluation was found in it";
    }

    /** What to tell of a log whose names are none that matter. */
    static String missingNames(Collection<String> names) {
        String found = names.isEmpty()
                ? "no named numbers were found"
                : "it has the columns " + names.stream().limit(NAMES_SHOWN).collect(Collectors.joining(", "))
                        + (names.size() > NAMES_SHOWN ? " and " + (names.size() - NAMES_SHOWN) + " more" : "");
        return found + "; a loss, an accuracy or a gradient norm is needed, with a step or an epoch. If one has another"
                + " name, say so with --map loss=NAME";
    }

    /** The line of the file that was read last, from 1; 0 where there are no lines. */
    long line();

    /**
     * Says of a growing file that nothing was added for a while: what was held back because it might be continued comes with the next
     * calls of {@link #next()}.
     */
    default void settle() {}

    /** Whether {@link #marks()} is exact: nothing of a place was returned of which there is more to return. */
    default boolean isBetweenPlaces() {
        return true;
    }

    /** Where to go on reading later so that nothing is missed and nothing that was returned comes again, by file. */
    Map<Path, LogPosition> marks();
}

package dev.gradwatch.recorded.log;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** An open file: its header, then its events one by one, never more than a few in memory. */
public interface LogEntries extends Closeable {

    RunHeader header();

    /**
     * The next event, or {@code null} at the end; of a growing file: for now.
     *
     * @throws RecordedRunException for content that cannot be read; a growing file may be read on after it
     */
    LogEntry next() throws IOException, RecordedRunException;

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

package dev.gradwatch.app.recorded;

import java.io.Closeable;
import java.io.IOException;

/** An open file: its header, then its events one by one, never more than one in memory. */
interface RecordedEntries extends Closeable {

    RunHeader header();

    /** The next event, or {@code null} at the end. */
    RecordedEntry next() throws IOException, RecordedRunException;

    /** The line of the file that was read last, from 1. */
    long line();
}

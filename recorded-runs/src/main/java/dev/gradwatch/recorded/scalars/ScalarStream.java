package dev.gradwatch.recorded.scalars;

import dev.gradwatch.recorded.log.RecordedRunException;
import dev.gradwatch.recorded.names.Scalar;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/** One file of scalars with times and steps, one event ahead of its reader. */
public interface ScalarStream extends Closeable {

    Path path();

    /** The event to come, or {@code null} at the end. */
    ScalarEvent head();

    /** Where the event to come begins, or the end of what was read. */
    long headBegin();

    /** Wall time of the file's first event, in seconds; NaN of an empty file. */
    double firstTime();

    /** What ended the file before its end, or {@code null}. */
    RecordedRunException fault();

    /** What a tag of this file stands for. */
    Scalar understood(String tag);

    void advance() throws IOException;
}

package dev.gradwatch.recorded;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * A file to read: from where, and whether its writer may still be at it.
 *
 * @param content unpacked, from the beginning; closed by whoever opens the format
 * @param again opens the content once more, for formats that say at their end what is needed at the beginning
 * @param from where to go on reading; the header is read in any case
 * @param growing whether more may follow: then what is not yet whole is left for later instead of being an error
 */
record Source(Path file, InputStream content, Reopening again, Mark from, boolean growing) {

    /** Opens the content of a file from its beginning. */
    @FunctionalInterface
    interface Reopening {
        InputStream open() throws IOException;
    }
}

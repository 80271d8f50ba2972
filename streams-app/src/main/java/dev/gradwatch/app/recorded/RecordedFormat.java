package dev.gradwatch.app.recorded;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * One kind of file that recorded runs come in. A new one is one class and one line in {@link RecordedRuns}; time, attempts and the
 * registration are the same for all of them and made elsewhere.
 */
interface RecordedFormat {

    /** What people call it. */
    String name();

    /** Whether files of this name are looked for in a folder. */
    boolean isNamed(String fileName);

    /**
     * Whether a file is of this format.
     *
     * @param fileName without folder and without {@code .gz}
     * @param opening the first characters of its (unpacked) content
     */
    boolean recognises(String fileName, String opening);

    /**
     * Begins to read.
     *
     * @param content unpacked; closed by the returned object, and by this method when it throws
     */
    RecordedEntries open(Path file, InputStream content) throws IOException, RecordedRunException;
}

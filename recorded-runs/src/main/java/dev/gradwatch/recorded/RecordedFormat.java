package dev.gradwatch.recorded;

import java.io.IOException;

/**
 * One kind of file that recorded runs come in. A new one is one class and one line in {@link Formats}; time, attempts and the registration
 * are the same for all of them and made elsewhere.
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

    /** Begins to read; the content is closed by the returned object, and by this method when it throws. */
    RecordedEntries open(Source source) throws IOException, RecordedRunException;

    /** Whether its writer writes the whole file anew each time, so that there is no place to go on from. */
    default boolean isRewritten() {
        return false;
    }

    /** Whether files are often called the same whatever the run, so that their folder names the run. */
    boolean isNamedAlike(String fileName);
}

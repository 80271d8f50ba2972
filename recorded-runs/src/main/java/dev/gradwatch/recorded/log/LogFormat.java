package dev.gradwatch.recorded.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * One kind of log. A new one is a package with one such class and one line in {@code Formats}; time, attempts and the registration are the
 * same for all of them and made elsewhere. Stateless. Paths come without the ending {@code .gz} of a packed file.
 */
public interface LogFormat {

    /** What people call it. */
    String name();

    /** Whether files of this name are looked for in a folder. */
    boolean isNamed(Path file);

    /**
     * Whether a file is of this format.
     *
     * @param opening the first characters of its (unpacked) content
     */
    boolean recognises(Path file, String opening, ReadOptions options);

    /** Why a file with a name as files of this format have is none of them, or {@code null} when its name is another. */
    default String missing(Path file, String opening) {
        return null;
    }

    /**
     * Begins to read; the contents are closed by the returned object, and by this method when it throws.
     *
     * @param files of one run: exactly one, unless the format {@link #hasSeveralFiles}
     */
    LogEntries open(List<LogFile> files, ReadOptions options) throws IOException, RecordedRunException;

    /** Whether its writer writes the whole file anew each time, so that there is no place to go on from. */
    default boolean isRewritten() {
        return false;
    }

    /** Whether files are often called so whatever the run, so that their folder names the run. */
    boolean isGenericName(Path file);

    /** Whether all files of a folder are one run, which is opened by its folder. */
    default boolean hasSeveralFiles() {
        return false;
    }

    /**
     * The folder of the run that files in a folder belong to.
     *
     * @param root of the search; nothing above it belongs to the run
     */
    default Path runFolder(Path folder, Path root) {
        return folder;
    }

    /** The files of the run in a folder, in the order of their names; empty unless the format {@link #hasSeveralFiles}. */
    default List<Path> filesIn(Path runFolder) throws IOException {
        return List.of();
    }

    /** Which of the generically named files found in one run folder are to be read, each a run of its own. */
    default List<Path> current(List<Path> files) {
        return files;
    }

    /** A folder in which programs of this format log the same run in another format too, or {@code null}. */
    default Path otherLogs(Path runFolder) {
        return null;
    }
}

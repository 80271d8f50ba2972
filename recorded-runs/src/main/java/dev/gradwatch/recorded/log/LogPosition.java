package dev.gradwatch.recorded.log;

/**
 * A place between two records of a file.
 *
 * @param offset in bytes; what was before has been read
 * @param line lines before it, where the file has lines
 * @param stepwise whether a plain loss was seen to be that of a step, see {@code names.ScalarRow}
 */
public record LogPosition(long offset, long line, boolean stepwise) {

    /** The beginning. */
    public static final LogPosition START = new LogPosition(0, 0, false);
}

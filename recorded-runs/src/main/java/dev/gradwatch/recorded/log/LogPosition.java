package dev.gradwatch.recorded.log;

/**
 * A place between two records of a file.
 *
 * @param offset in bytes; what was before has been read
 * @param line lines before it, where the file has lines
 * @param stepwise whether a plain loss was seen to be that of a step, see {@code names.ScalarRow}
 * @param memory what else the format has to know of what was before; {@code null} for nothing
 */
public record LogPosition(long offset, long line, boolean stepwise, String memory) {

    /** The beginning. */
    public static final LogPosition START = new LogPosition(0, 0, false, null);
}

package dev.gradwatch.recorded;

/**
 * A place between two records of a file.
 *
 * @param offset in bytes; what was before has been read
 * @param line lines before it, where the file has lines
 * @param stepwise whether a plain loss was seen to be that of a step, see {@link Readings}
 */
public record Mark(long offset, long line, boolean stepwise) {

    /** The beginning. */
    public static final Mark START = new Mark(0, 0, false);
}

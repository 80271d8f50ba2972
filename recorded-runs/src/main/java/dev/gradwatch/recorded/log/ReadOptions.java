package dev.gradwatch.recorded.log;

import dev.gradwatch.recorded.names.NameTable;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How the user wants logs to be read, beyond what the logs say themselves.
 *
 * @param names what numbers are called
 * @param patterns of the lines of a text log, whose named groups are the numbers; empty: the common shapes
 */
public record ReadOptions(NameTable names, List<Pattern> patterns) {

    /** Nothing beyond what the logs say. */
    public static final ReadOptions DEFAULT = new ReadOptions(NameTable.STANDARD, List.of());

    public ReadOptions {
        patterns = List.copyOf(patterns);
    }
}

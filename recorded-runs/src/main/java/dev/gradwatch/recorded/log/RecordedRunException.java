package dev.gradwatch.recorded.log;

import java.nio.file.Path;

/** A recorded run cannot be read: says in which file and line, why, and which value was in the way. */
public final class RecordedRunException extends Exception {

    private static final int SHOWN = 80;

    private final transient Path file;
    private final long line;
    private final String reason;
    private final boolean cutOff;

    /**
     * Names the place and the reason.
     *
     * @param line from 1; 0 when it is about the whole file
     * @param value the offending text, or {@code null}; cut when long
     */
    public RecordedRunException(Path file, long line, String reason, String value) {
        this(file, line, reason, value, false);
    }

    private RecordedRunException(Path file, long line, String reason, String value, boolean cutOff) {
        super(message(file, line, reason, value));
        this.file = file;
        this.line = line;
        this.reason = reason;
        this.cutOff = cutOff;
    }

    /** The file ends in the middle of a record, as it does when its writer was killed; what came before is whole. */
    public static RecordedRunException cutOff(Path file, long line, String reason, String value) {
        return new RecordedRunException(file, line, reason, value, true);
    }

    /** Whether only the end is missing, so that all records before it can be used. */
    public boolean isCutOff() {
        return cutOff;
    }

    public Path file() {
        return file;
    }

    public long line() {
        return line;
    }

    public String reason() {
        return reason;
    }

    private static String message(Path file, long line, String reason, String value) {
        StringBuilder text = new StringBuilder(120).append(file);
        if (line > 0) {
            text.append(", line ").append(line);
        }
        text.append(": ").append(reason);
        if (value != null) {
            text.append(" (found: ").append(cut(value)).append(')');
        }
        return text.toString();
    }

    private static String cut(String value) {
        return value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "...";
    }
}

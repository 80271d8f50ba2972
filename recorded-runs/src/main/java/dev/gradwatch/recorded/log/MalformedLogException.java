package dev.gradwatch.recorded.log;

/** What is wrong with one line, before anybody has said which line of which file it is. */
public final class MalformedLogException extends Exception {

    private final String value;
    private final boolean cutOff;

    public MalformedLogException(String reason, String value) {
        this(reason, value, false);
    }

    private MalformedLogException(String reason, String value, boolean cutOff) {
        super(reason);
        this.value = value;
        this.cutOff = cutOff;
    }

    /** The content ends in the middle of a record; what came before is whole. */
    public static MalformedLogException cutOff(String reason, String value) {
        return new MalformedLogException(reason, value, true);
    }

    /** Whether only the end is missing. */
    public boolean isCutOff() {
        return cutOff;
    }

    /** The offending text, or {@code null}. */
    public String value() {
        return value;
    }
}

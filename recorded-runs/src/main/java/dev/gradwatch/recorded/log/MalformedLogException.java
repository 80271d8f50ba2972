package dev.gradwatch.recorded.log;

/** What is wrong with one line, before anybody has said which line of which file it is. */
public final class MalformedLogException extends Exception {

    private final String value;

    public MalformedLogException(String reason, String value) {
        super(reason);
        this.value = value;
    }

    /** The offending text, or {@code null}. */
    public String value() {
        return value;
    }
}

package dev.gradwatch.recorded;

/** What is wrong with one line, before anybody has said which line of which file it is. */
final class MalformedLineException extends Exception {

    private final String value;

    MalformedLineException(String reason, String value) {
        super(reason);
        this.value = value;
    }

    /** The offending text, or {@code null}. */
    String value() {
        return value;
    }
}

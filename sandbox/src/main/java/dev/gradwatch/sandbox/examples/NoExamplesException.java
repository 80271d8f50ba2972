package dev.gradwatch.sandbox.examples;

/** The examples cannot run here; the sandbox goes on without them. */
public final class NoExamplesException extends Exception {

    private final String remedy;

    /** @param remedy commands to type, or a sentence, in lines */
    NoExamplesException(String message, String remedy) {
        super(message);
        this.remedy = remedy;
    }

    public String remedy() {
        return remedy;
    }
}

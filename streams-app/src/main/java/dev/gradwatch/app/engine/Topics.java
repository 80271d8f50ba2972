package dev.gradwatch.app.engine;

/**
 * The names of every topic, made from one prefix.
 *
 * @param prefix what every name begins with, such as {@code gradwatch}
 */
public record Topics(String prefix) {

    /** What runs say: key run id, value {@code TrainingEvent}. */
    public String trainingEvents() {
        return name("training-events");
    }

    /** Every moment in the life of every alert: key run id, value {@code Alert}. */
    public String alerts() {
        return name("alerts");
    }

    /** The latest snapshot of each run, compacted: key run id, value {@code RunStatus}. */
    public String runStatus() {
        return name("run-status");
    }

    /** Records that could not be read: original key and bytes, cause and origin in headers. */
    public String deadLetters() {
        return name("dead-letters");
    }

    private String name(String subject) {
        return prefix + "." + subject + ".v1";
    }
}

package dev.gradwatch.detection.detector;

/** What a detector's symptom is about. The diagnosis weighs other evidence for each. */
public enum Subject {
    /** How the weights move: gradients, updates, values. */
    WEIGHTS("weights"),
    /** How the training loss develops. */
    LEARNING("learning"),
    /** What the data allow: validation, labels, classes. Gradients and training losses then say little of the cause. */
    DATA("data"),
    /** The settings of the run, as registered. Nothing has happened yet that gradients or losses could explain. */
    SETTINGS("settings"),
    /** The machine that runs the job: its faults have no cause in the training, and explain nothing in it. */
    MACHINE("machine");

    private final String word;

    Subject(String word) {
        this.word = word;
    }

    /** One word for people. */
    public String word() {
        return word;
    }

    /** Whether gradients, updates and training losses are evidence for the cause of such a symptom. */
    public boolean isAboutTraining() {
        return this == WEIGHTS || this == LEARNING;
    }
}

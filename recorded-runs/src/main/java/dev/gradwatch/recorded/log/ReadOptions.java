package dev.gradwatch.recorded.log;

/** How the user wants logs to be read, beyond what the logs say themselves. */
public record ReadOptions() {

    /** Nothing beyond what the logs say. */
    public static final ReadOptions DEFAULT = new ReadOptions();
}

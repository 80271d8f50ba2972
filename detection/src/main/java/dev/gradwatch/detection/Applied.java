package dev.gradwatch.detection;

/**
 * What became of a record: how many of its events (steps, for gradient norms) changed the run's state.
 *
 * @param applied new events
 * @param duplicates events at a step or epoch that had been seen in this attempt
 * @param stale events of an earlier attempt, or of a step or epoch that was passed
 */
public record Applied(int applied, int duplicates, int stale) {

    static final Applied ONE = new Applied(1, 0, 0);
    static final Applied DUPLICATE = new Applied(0, 1, 0);
    static final Applied STALE = new Applied(0, 0, 1);
}

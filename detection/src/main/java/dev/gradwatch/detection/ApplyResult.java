package dev.gradwatch.detection;

/**
 * What became of a record: how many of its events (steps, for gradient norms) changed the run's state.
 *
 * @param applied new events
 * @param duplicates events at a step or epoch that had been seen in this attempt
 * @param stale events of an earlier attempt, or of a step or epoch that was passed
 */
public record ApplyResult(int applied, int duplicates, int stale) {

    static final ApplyResult ONE = new ApplyResult(1, 0, 0);
    static final ApplyResult DUPLICATE = new ApplyResult(0, 1, 0);
    static final ApplyResult STALE = new ApplyResult(0, 0, 1);
}

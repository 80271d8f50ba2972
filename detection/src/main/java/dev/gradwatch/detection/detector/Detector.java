package dev.gradwatch.detection.detector;

import dev.gradwatch.detection.catalogue.Catalogue;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;

/**
 * Watches for one symptom. Deterministic and free of state of its own: what it remembers of a run lives in the run's memory. It examines
 * every event, in the order of the {@link Catalogue}, after the event was taken into the run's state.
 */
public interface Detector {

    /** Its id, as in its catalogue entry. */
    String id();

    /** How many numbers it remembers of a run; may grow from one version to the next, never shrink or change meaning. */
    int memorySlots();

    /** Milliseconds of silence after which a tick of the clock changes what it reports; {@link Long#MAX_VALUE}: never. */
    default long silenceLimitMillis(RunState run) {
        return Long.MAX_VALUE;
    }

    /**
     * Examines one event.
     *
     * @param run the state, the event included; not to be changed
     * @param now what the event brought
     * @param memory this detector's own slots, all zero at the start of an attempt
     * @param reporter where to say what is seen; saying nothing leaves things as they are
     */
    void examine(RunState run, Observation now, double[] memory, FindingReporter reporter);
}

package dev.gradwatch.wire;

import dev.gradwatch.detection.event.EventLimits;
import java.util.Map;

/**
 * How long the lists and maps of {@code TrainingEvent} may be. Held while a value is walked through, before any of it is built.
 *
 * @param field where it is, for people
 * @param most entries in one list
 * @param mostInAll entries of all lists of this field in one value
 */
record ListLimit(String field, int most, int mostInAll, DeadLetterCause cause) {

    private static final String TRAINING_EVENTS = "dev.gradwatch.schemas.";

    private static final Map<String, ListLimit> LIMITS = Map.of(
            "GradientNorms.steps", of("steps", EventLimits.STEPS, DeadLetterCause.TOO_MANY_STEPS),
            "StepNorms.layers",
                    new ListLimit(
                            "steps.layers",
                            EventLimits.LAYERS,
                            EventLimits.LAYERS_OF_ALL_STEPS,
                            DeadLetterCause.TOO_MANY_LAYERS),
            "StepNorms.metrics",
                    new ListLimit(
                            "steps.metrics",
                            EventLimits.METRICS,
                            EventLimits.METRICS * EventLimits.STEPS,
                            DeadLetterCause.TOO_MANY_ENTRIES),
            "RunStarted.layers", of("layers", EventLimits.LAYERS, DeadLetterCause.TOO_MANY_LAYERS),
            "RunStarted.lower_is_better", names("lower_is_better"),
            "RunStarted.stop_on", names("stop_on"),
            "RunStarted.findings", names("findings"),
            "RunStarted.tags", of("tags", EventLimits.TAGS, DeadLetterCause.TOO_MANY_ENTRIES),
            "EpochCompleted.metrics", of("metrics", EventLimits.METRICS, DeadLetterCause.TOO_MANY_ENTRIES));

    /** The limit of a record's field, or {@code null}: what readers do not know is skipped and costs no memory. */
    static ListLimit of(String record, String field) {
        return record.startsWith(TRAINING_EVENTS)
                ? LIMITS.get(record.substring(TRAINING_EVENTS.length()) + '.' + field)
                : null;
    }

    private static ListLimit names(String field) {
        return of(field, EventLimits.NAMES, DeadLetterCause.TOO_MANY_ENTRIES);
    }

    private static ListLimit of(String field, int most, DeadLetterCause cause) {
        return new ListLimit(field, most, most, cause);
    }
}

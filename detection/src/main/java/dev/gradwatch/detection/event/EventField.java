package dev.gradwatch.detection.event;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The fields of an event of which something can be ignored: a closed set, because its labels are metric labels. Named as in the schema
 * {@code training-event.avsc}; fields of the same name that are judged alike share an entry.
 */
public enum EventField {
    EVENT_TIME("event_time", EventLimits.TIME),
    ATTEMPT("attempt", EventLimits.ATTEMPT),
    /** A registration by another publisher than the one that registered the run. */
    REGISTRATION("registration", null),

    NAME("name", null),
    PROJECT("project", null),
    TEAM("team", null),
    CLUSTER("cluster", null),
    GROUP("group", null),
    PROFILE("profile", null),
    LOSS("loss", null),
    OUTPUT_ACTIVATION("output_activation", null),
    OUTPUT_UNITS("output_units", EventLimits.COUNT),
    CLASSES("classes", EventLimits.CLASSES),
    OPTIMIZER("optimizer", null),
    BASE_LEARNING_RATE("run.learning_rate", EventLimits.CONFIGURED),
    WARMUP_STEPS("warmup_steps", EventLimits.STEP),
    CLIP_THRESHOLD("clip_threshold", EventLimits.CONFIGURED),
    BATCH_SIZE("batch_size", EventLimits.COUNT),
    STEPS_PER_EPOCH("steps_per_epoch", EventLimits.COUNT),
    PLANNED_EPOCHS("planned_epochs", EventLimits.COUNT),
    PLANNED_STEPS("planned_steps", EventLimits.COUNT),
    LAYERS("layers", null),
    LAYER_PARAMETERS("layers.parameters", EventLimits.STEP),
    LOWER_IS_BETTER("lower_is_better", null),
    STOP_ON("stop_on", null),
    TAGS("tags", null),
    FINDINGS("findings", null),
    EPOCH_NUMBERING("epoch_numbering", null),
    PUBLISHER("publisher", null),

    EPOCH("epoch", EventLimits.EPOCH),
    STEP("step", EventLimits.STEP),
    TRAIN_ACCURACY("train_accuracy", EventLimits.ACCURACY),
    VALIDATION_ACCURACY("validation_accuracy", EventLimits.ACCURACY),
    LEARNING_RATE("learning_rate", EventLimits.MEASURED),
    GRADIENT_NORM("gradient_norm", EventLimits.MEASURED),
    METRICS("metrics", null),

    STEPS("steps", null),
    STEPS_STEP("steps.step", EventLimits.STEP),
    STEPS_EPOCH("steps.epoch", EventLimits.EPOCH),
    STEPS_EVENT_TIME("steps.event_time", EventLimits.TIME),
    STEPS_GRADIENT_NORM("steps.gradient_norm", EventLimits.MEASURED),
    STEPS_LEARNING_RATE("steps.learning_rate", EventLimits.MEASURED),
    STEPS_LAYERS("steps.layers", null),
    STEPS_METRICS("steps.metrics", null),
    RANK_NORMS("steps.rank_norms", null),
    LAYER_GRADIENT_NORM("steps.layers.gradient_norm", EventLimits.MEASURED),
    ZERO_FRACTION("steps.layers.zero_fraction", EventLimits.FRACTION),
    WEIGHT_NORM("steps.layers.weight_norm", EventLimits.MEASURED),
    UPDATE_NORM("steps.layers.update_norm", EventLimits.MEASURED),

    HEARTBEAT_STEP("heartbeat.step", EventLimits.STEP),
    STATUS("heartbeat.status", null),
    REASON("reason", null);

    private static final Map<String, EventField> BY_LABEL =
            Arrays.stream(values()).collect(Collectors.toMap(EventField::label, Function.identity()));

    private final String label;

    @SuppressWarnings("ImmutableEnumChecker") // A record of numbers alone; the JDK has no annotation to say so.
    private final NumberRange range;

    EventField(String label, NumberRange range) {
        this.label = label;
        this.range = range;
    }

    /** Stable, as in the schema; the label of the metric. */
    public String label() {
        return label;
    }

    /** Which numbers are allowed; {@code null} for a text or a list. */
    public NumberRange range() {
        return range;
    }

    /** The field of a label. */
    public static Optional<EventField> of(String label) {
        return Optional.ofNullable(BY_LABEL.get(label));
    }
}

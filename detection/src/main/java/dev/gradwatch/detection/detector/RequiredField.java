package dev.gradwatch.detection.detector;

import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.RunState;
import java.util.function.Predicate;

/** Optional fields of events without which a detector cannot judge. A run's snapshot names the detectors that lack one. */
public enum RequiredField {
    GRADIENT_NORM("gradient_norm", run -> run.norm().count() == 0),
    LAYERS("layers", run -> run.layers().size() == 0),
    UPDATE_NORM(
            "layers.update_norm",
            run -> run.layers().size() > 0 && Double.isNaN(run.layers().largestUpdateRatio())),
    VALIDATION_LOSS("validation_loss", run -> run.validation().evaluations() == 0),
    LOSS_AND_CLASSES("classes and loss", run -> Double.isNaN(run.chanceLoss())),
    TRAIN_ACCURACY(
            "train_accuracy",
            run -> !Double.isNaN(run.chanceLoss())
                    && run.epochs().count() > 0
                    && run.epochs().trainAccuracy().isEmpty()),
    PLANNED_LENGTH("planned_epochs or planned_steps", RequiredField::hasNoPlannedLength);

    private final String fields;

    @SuppressWarnings("ImmutableEnumChecker") // Functions without state; the JDK has no annotation to say so.
    private final Predicate<RunState> missing;

    RequiredField(String fields, Predicate<RunState> missing) {
        this.fields = fields;
        this.missing = missing;
    }

    /** The fields' names in the events. */
    public String fields() {
        return fields;
    }

    /** Whether the run has not published it, and what comes before it is there. */
    public boolean isMissing(RunState run) {
        return missing.test(run);
    }

    private static boolean hasNoPlannedLength(RunState run) {
        RunStarted registration = run.registration();
        return registration == null || (registration.plannedEpochs() == null && registration.plannedSteps() == null);
    }
}

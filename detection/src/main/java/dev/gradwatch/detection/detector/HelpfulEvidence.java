package dev.gradwatch.detection.detector;

import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.RunState;
import java.util.function.Predicate;

/** Optional fields that tell the causes of a symptom apart. An alert names those that its run did not publish. */
public enum HelpfulEvidence {
    LAYER_NORMS("per-layer norms (would tell dead layers and saturation apart)", RequiredField.LAYERS::isMissing),
    UPDATE_NORMS("update norms (would tell a frozen optimizer apart)", RequiredField.UPDATE_NORM::isMissing),
    LEARNING_RATE(
            "learning rate (would tell whether it is out of the usual range)",
            run -> Double.isNaN(run.learningRate().current())
                    && (run.registration() == null || run.registration().learningRate() == null)),
    LOSS_AND_CLASSES(
            "loss and number of classes (would tell whether the first loss is plausible)",
            RequiredField.LOSS_AND_CLASSES::isMissing),
    VALIDATION_ACCURACY(
            "validation accuracy (would tell whether the model grows worse or only overconfident)",
            run -> Double.isNaN(run.validation().bestAccuracy())),
    DATA_SIZE("batch size and steps per epoch (would tell how much data there is)", HelpfulEvidence::hasNoDataSize);

    private final String text;

    @SuppressWarnings("ImmutableEnumChecker") // Functions without state; the JDK has no annotation to say so.
    private final Predicate<RunState> missing;

    HelpfulEvidence(String text, Predicate<RunState> missing) {
        this.text = text;
        this.missing = missing;
    }

    /** The fields and what they would tell, for people. */
    public String text() {
        return text;
    }

    /** Whether the run did not publish it. */
    public boolean isMissing(RunState run) {
        return missing.test(run);
    }

    private static boolean hasNoDataSize(RunState run) {
        RunStarted registration = run.registration();
        return registration == null || registration.batchSize() == null || registration.stepsPerEpoch() == null;
    }
}

package dev.gradwatch.detection.detector;

/**
 * What is special about a detector's symptom. Rules of the diagnosis apply to traits and never to single detectors, so that a new detector
 * gets the evidence that fits its symptom by declaring it.
 */
public enum SymptomTrait {
    /** The run learns too little for its time: the learning rate and the batch size may be to blame. */
    LITTLE_PROGRESS,
    /** The training loss is flat or nearly so: a small gradient may be a saddle point. */
    FLAT_LOSS,
    /** A metric repeats one value: what still moves tells where the fault is. */
    CONSTANT_METRIC,
    /** The output layer may not fit the loss. */
    OUTPUT_MISMATCH_POSSIBLE,
    /** It comes from one step to the next: a single batch may be to blame, unless it comes again and again. */
    SUDDEN,
    /** The loss jumps. */
    LOSS_JUMP,
    /** The gradient norm jumps. */
    GRADIENT_JUMP,
    /** The loss rises and stays high. */
    LOSS_RISE,
    /** Steps vary more than a sound batch size allows. */
    NOISY_STEPS,
    /** A value is not a finite number. */
    NON_FINITE,
    /** Gradients grow or die along depth or time: plain recurrent layers do that. */
    GRADIENT_SCALE,
    /** The whole gradient is zero. */
    NO_GRADIENT,
    /** Single layers get no gradient. */
    DEAD_LAYERS,
    /** The best validation loss is past. */
    PAST_BEST_VALIDATION,
    /** The validation loss rises. */
    RISING_VALIDATION,
    /** Validation was never better than at first. */
    NO_BETTER_VALIDATION,
    /** Training and validation may not measure the same. */
    VALIDATION_GAP_POSSIBLE,
    /** One class is answered for everything. */
    ONE_CLASS,
    /** No record arrives. */
    SILENCE
}

package dev.gradwatch.detection.detector;

/** What a fault does to the weights: it decides whether training can go on from where it is. */
public enum WeightDamage {
    /** Nothing is known to be damaged: an alert says nothing of checkpoints. */
    NONE_KNOWN,
    /** The weights were kept as they were: training can go on from here once the fault is mended. */
    KEPT,
    /** The weights are lost: training has to go back to a checkpoint from before the fault. */
    LOST
}

package dev.gradwatch.recorded.follow;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.StepNorms;

/** A fingerprint by which a step or an epoch is found again in a log that was written anew; the same in every process. */
final class EventFingerprint {

    private static final long PRIME = 0x100000001b3L;

    private EventFingerprint() {}

    /** {@code null} for events that say too little to be told apart. */
    static Long of(RunEvent event) {
        if (event instanceof GradientNorms norms) {
            StepNorms step = norms.steps().get(0);
            return hash(1, step.step() * 1.0, step.epoch(), step.loss(), step.gradientNorm(), step.learningRate());
        }
        if (event instanceof EpochCompleted epoch) {
            Double step = epoch.step() == null ? null : (Double) (epoch.step() * 1.0);
            return hash(
                    2,
                    step,
                    epoch.epoch(),
                    epoch.trainLoss(),
                    epoch.validationLoss(),
                    epoch.trainAccuracy(),
                    epoch.validationAccuracy());
        }
        return null;
    }

    private static long hash(long kind, Double... numbers) {
        long hash = 0xcbf29ce484222325L ^ kind;
        for (Double number : numbers) {
            hash = (hash ^ (number == null ? 0x5eedL : Double.doubleToLongBits(number))) * PRIME;
            hash ^= hash >>> 29;
        }
        return hash;
    }
}

package dev.gradwatch.detection.event;

import java.util.Map;

/**
 * An epoch or an evaluation ended. Absent values are {@code null}; NaN and infinity are data.
 *
 * @param epoch epochs since the start of the run, fractional for evaluations between epochs
 * @param step optimizer steps since the start of the run
 * @param trainAccuracy 0 to 1 or in percent
 * @param validationAccuracy on the scale of {@code trainAccuracy}
 * @param learningRate at the end of the epoch
 * @param gradientNorm global L2 norm before clipping, a mean over the epoch
 * @param metrics other metrics by name
 */
public record EpochCompleted(
        Double epoch,
        Long step,
        Double trainLoss,
        Double validationLoss,
        Double trainAccuracy,
        Double validationAccuracy,
        Double learningRate,
        Double gradientNorm,
        Map<String, Double> metrics)
        implements RunEvent {

    public EpochCompleted {
        metrics = Map.copyOf(metrics);
    }
}

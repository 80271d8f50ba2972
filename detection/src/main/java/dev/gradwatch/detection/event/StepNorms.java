package dev.gradwatch.detection.event;

import java.util.List;
import java.util.Map;

/**
 * One optimizer step. Absent values are {@code null}; NaN and infinity are data.
 *
 * @param step optimizer steps since the start of the run, 0 or more
 * @param epoch epochs since the start of the run, fractional
 * @param timeMillis when the step ended; the record's time when absent
 * @param loss training loss of the step
 * @param gradientNorm global L2 gradient norm before clipping
 * @param learningRate learning rate of the step
 * @param layers per-layer values from input to output; may be empty
 * @param metrics other metrics of the step by name; may be empty
 * @param rankNorms how the ranks differ; absent where there is one rank or nobody compared
 */
public record StepNorms(
        long step,
        Double epoch,
        Long timeMillis,
        Double loss,
        Double gradientNorm,
        Double learningRate,
        List<LayerNorms> layers,
        Map<String, Double> metrics,
        RankNorms rankNorms) {

    public StepNorms {
        layers = List.copyOf(layers);
        metrics = Map.copyOf(metrics);
    }

    /** A step without further metrics. */
    public StepNorms(
            long step,
            Double epoch,
            Long timeMillis,
            Double loss,
            Double gradientNorm,
            Double learningRate,
            List<LayerNorms> layers) {
        this(step, epoch, timeMillis, loss, gradientNorm, learningRate, layers, Map.of(), null);
    }

    /** The same step at the time of its record. */
    StepNorms withoutTime() {
        return new StepNorms(step, epoch, null, loss, gradientNorm, learningRate, layers, metrics, rankNorms);
    }
}

package dev.gradwatch.detection.event;

import java.util.List;

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
 */
public record StepNorms(
        long step,
        Double epoch,
        Long timeMillis,
        Double loss,
        Double gradientNorm,
        Double learningRate,
        List<LayerNorms> layers) {

    public StepNorms {
        layers = List.copyOf(layers);
    }
}

package dev.gradwatch.detection.event;

import java.util.List;

/**
 * One or more consecutive optimizer steps, in rising order.
 *
 * @param steps never empty
 */
public record GradientNorms(List<StepNorms> steps) implements RunEvent {

    public GradientNorms {
        steps = List.copyOf(steps);
    }
}

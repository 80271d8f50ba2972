package dev.gradwatch.sandbox.training;

import java.util.Arrays;

/** What happens to a batch between the disk and the model. */
@FunctionalInterface
public interface Disturbance {

    /** Nothing happens. */
    Disturbance NONE = (step, inputs) -> inputs;

    /** The inputs that the model gets to see at this step. */
    double[][] disturb(long step, double[][] inputs);

    /** A damaged shard: from {@code first} on, every {@code every}-th batch comes with its bits shifted, far too large. */
    static Disturbance corruptBatches(long first, long every, double factor) {
        return (step, inputs) -> step < first || (step - first) % every != 0
                ? inputs
                : Arrays.stream(inputs)
                        .map(row ->
                                Arrays.stream(row).map(value -> value * factor).toArray())
                        .toArray(double[][]::new);
    }
}

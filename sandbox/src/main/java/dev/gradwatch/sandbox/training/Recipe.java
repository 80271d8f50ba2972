package dev.gradwatch.sandbox.training;

import java.util.List;

/**
 * All that decides how a training goes: for one recipe it always goes the same way.
 *
 * @param hidden units of each hidden layer
 * @param hiddenBias first bias of the hidden layers
 * @param learningRate what the run says of itself; the schedule decides
 * @param clip global gradient norm above which gradients are clipped, or {@code null}
 */
public record Recipe(
        Problem problem,
        List<Integer> hidden,
        Activation activation,
        double hiddenBias,
        LossFunction loss,
        Optimizer.Kind optimizer,
        double learningRate,
        Schedule schedule,
        long warmupSteps,
        Double clip,
        int batchSize,
        int epochs,
        Disturbance disturbance,
        long seed) {

    public Recipe {
        hidden = List.copyOf(hidden);
    }

    /** A sound recipe for the problem: two ReLU layers, Adam at 0.003, batches of 16, 40 epochs. */
    public static Recipe sound(Problem problem, long seed) {
        LossFunction loss = switch (problem.classes()) {
            case 0 -> LossFunction.MEAN_SQUARED_ERROR;
            case 2 -> LossFunction.BINARY_CROSS_ENTROPY;
            default -> LossFunction.CROSS_ENTROPY;
        };
        return new Recipe(
                problem,
                List.of(32, 16),
                Activation.RELU,
                0,
                loss,
                Optimizer.Kind.ADAM,
                0.003,
                Schedule.constant(0.003),
                0,
                null,
                16,
                40,
                Disturbance.NONE,
                seed);
    }

    /** Optimizer steps an epoch; a last small batch is a step too. */
    public long stepsPerEpoch() {
        return (problem.training().size() + batchSize - 1L) / batchSize;
    }

    public Recipe with(Problem changed) {
        return new Recipe(
                changed,
                hidden,
                activation,
                hiddenBias,
                loss,
                optimizer,
                learningRate,
                schedule,
                warmupSteps,
                clip,
                batchSize,
                epochs,
                disturbance,
                seed);
    }

    public Recipe hidden(Activation function, double bias, Integer... units) {
        return new Recipe(
                problem,
                List.of(units),
                function,
                bias,
                loss,
                optimizer,
                learningRate,
                schedule,
                warmupSteps,
                clip,
                batchSize,
                epochs,
                disturbance,
                seed);
    }

    public Recipe optimizer(Optimizer.Kind kind, double rate) {
        return new Recipe(
                problem,
                hidden,
                activation,
                hiddenBias,
                loss,
                kind,
                rate,
                Schedule.constant(rate),
                0,
                clip,
                batchSize,
                epochs,
                disturbance,
                seed);
    }

    public Recipe schedule(Schedule changed, long warmup) {
        return new Recipe(
                problem,
                hidden,
                activation,
                hiddenBias,
                loss,
                optimizer,
                learningRate,
                changed,
                warmup,
                clip,
                batchSize,
                epochs,
                disturbance,
                seed);
    }

    public Recipe clip(double norm) {
        return new Recipe(
                problem,
                hidden,
                activation,
                hiddenBias,
                loss,
                optimizer,
                learningRate,
                schedule,
                warmupSteps,
                norm,
                batchSize,
                epochs,
                disturbance,
                seed);
    }

    public Recipe length(int samplesPerBatch, int plannedEpochs) {
        return new Recipe(
                problem,
                hidden,
                activation,
                hiddenBias,
                loss,
                optimizer,
                learningRate,
                schedule,
                warmupSteps,
                clip,
                samplesPerBatch,
                plannedEpochs,
                disturbance,
                seed);
    }

    public Recipe disturbed(Disturbance changed) {
        return new Recipe(
                problem,
                hidden,
                activation,
                hiddenBias,
                loss,
                optimizer,
                learningRate,
                schedule,
                warmupSteps,
                clip,
                batchSize,
                epochs,
                changed,
                seed);
    }
}

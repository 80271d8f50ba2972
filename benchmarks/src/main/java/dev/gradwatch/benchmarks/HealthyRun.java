package dev.gradwatch.benchmarks;

import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Steps of a run that learns: a falling loss with noise, lively gradients. The load must not be made of alerts. */
final class HealthyRun {

    private final int layers;
    private final Random random;

    HealthyRun(int layers, long seed) {
        this.layers = layers;
        this.random = new Random(seed);
    }

    RunRecord started(String runId, long timeMillis) {
        return new RunRecord(
                runId,
                1,
                timeMillis,
                RunStarted.builder()
                        .name(runId)
                        .project("load")
                        .team("benchmarks")
                        .cluster("local")
                        .loss("sparse_categorical_crossentropy")
                        .classes(10)
                        .optimizer("adam")
                        .learningRate(0.001)
                        .plannedEpochs(100)
                        .stepsPerEpoch(1000L)
                        .build());
    }

    RunRecord step(String runId, long step, long timeMillis) {
        return steps(runId, step, 1, timeMillis);
    }

    /** One record with several steps. */
    RunRecord steps(String runId, long first, int count, long timeMillis) {
        List<StepNorms> steps = new ArrayList<>(count);
        for (long step = first; step < first + count; step++) {
            steps.add(norms(step));
        }
        return new RunRecord(runId, 1, timeMillis, new GradientNorms(steps));
    }

    private StepNorms norms(long step) {
        double loss = 0.2 + 2.1 / (1 + step / 300.0) + 0.05 * random.nextGaussian();
        List<LayerNorms> norms = new ArrayList<>(layers);
        for (int i = 0; i < layers; i++) {
            norms.add(new LayerNorms("layer." + i, 0.1 + 0.01 * random.nextDouble(), 0.1, 10.0, 0.01));
        }
        return new StepNorms(
                step, step / 1000.0, null, Math.max(0.01, loss), 1 + 0.2 * random.nextDouble(), 0.001, norms);
    }
}

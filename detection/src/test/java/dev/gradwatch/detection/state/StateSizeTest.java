package dev.gradwatch.detection.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.scenario.HealthyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A run's state is bounded and small: a hundred thousand of them share one service. */
class StateSizeTest {

    private static final int MOST_BYTES = 4096;
    private static final int MOST_BYTES_PER_LAYER = 24;

    private final RunStateCodec codec = new RunStateCodec();

    @Test
    void aLongRunWithEveryFieldStaysUnderFourKilobytes() {
        WatchedRun run = WatchedRun.run(run(100_000, 0));

        assertThat(run.state().alerts().isEmpty())
                .as("only notes and warnings may add to it: %s", run.opened())
                .isTrue();
        assertThat(codec.encode(run.state())).hasSizeLessThan(MOST_BYTES);
    }

    @Test
    void theLengthOfARunDoesNotMatter() {
        int half = codec.encode(WatchedRun.run(run(50_000, 0)).state()).length;
        int whole = codec.encode(WatchedRun.run(run(100_000, 0)).state()).length;

        assertThat(whole - half).isBetween(-600, 600);
    }

    @Test
    void aLayerTakesAFewBytes() {
        int without = codec.encode(WatchedRun.run(run(300, 0)).state()).length;
        int with = codec.encode(WatchedRun.run(run(300, 256)).state()).length;

        assertThat((with - without) / 256.0).isLessThan(MOST_BYTES_PER_LAYER);
    }

    @Test
    void thousandsOfLayersTakeNoMoreThanAFewHundred() {
        int few = codec.encode(WatchedRun.run(run(60, 256)).state()).length;
        int many = codec.encode(WatchedRun.run(run(60, 5000)).state()).length;

        assertThat(many).isLessThan(few + 64);
    }

    @Test
    void layersUnderEverNewNamesStayBounded() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 400; i++) {
            log.step(2.0, 1.0, null, List.of(new LayerNorms("layer-" + i, 1.0, 0.1, 5.0, 0.005)));
        }

        assertThat(WatchedRun.run(log).state().layers().size()).isEqualTo(Layers.CAPACITY);
    }

    static RunLog run(int steps, int layers) {
        SyntheticCurve curve = new SyntheticCurve(1);
        RunLog log = RunLog.of("8f14e45f-ceea-467f-a8f2-0123456789ab")
                .started(HealthyRuns.tenClasses()
                        .name("resnet50-baseline")
                        .project("vision")
                        .team("perception")
                        .cluster("gpu-a")
                        .group("sweep-17")
                        .profile("supervised")
                        .outputActivation("softmax")
                        .outputUnits(10)
                        .warmupSteps(100L)
                        .clipThreshold(1.0)
                        .batchSize(256)
                        .stepsPerEpoch(100L)
                        .plannedEpochs(100)
                        .plannedSteps(100_000L)
                        .baselineLoss(1.7)
                        .lowerIsBetter(List.of("wer"))
                        .stopOn(List.of("non-finite-values", "loss-divergence"))
                        .tags(Map.of("node", "gpu-a-17", "commit", "0123456789abcdef", "data_version", "2026-11-01"))
                        .build());
        for (int i = 0; i < steps; i++) {
            double loss = curve.noisy(SyntheticCurve.decay(2.3, 0.02, steps / 3.0, i), 0.02);
            double norm = curve.noisy(SyntheticCurve.decay(2, 0.5, steps / 3.0, i), 0.1);
            log.step(loss, norm, SyntheticCurve.cosine(1e-3, i, 100, steps), layers(layers, norm));
            if (i % 100 == 99) {
                double fit = 1 - Math.exp(-3.0 * i / steps);
                log.epoch(loss, curve.noisy(SyntheticCurve.decay(2.3, 0.03, steps / 3.0, i), 0.01), fit, fit, null);
            }
        }
        return log;
    }

    private static List<LayerNorms> layers(int count, double norm) {
        List<LayerNorms> layers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            layers.add(new LayerNorms("encoder.block." + i + ".weight", norm / 16, 0.1, 7.0, 0.007));
        }
        return layers;
    }
}

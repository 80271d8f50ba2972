package dev.gradwatch.detection.detector.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.LayerStack;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VanishingGradientsDetectorTest {

    private static final String ID = VanishingGradientsDetector.ID;

    @Test
    void notesAtOnceAndWarnsFromTheThirdEpoch() {
        WatchedRun run = WatchedRun.run(FaultyRuns.vanishing());

        assertThat(run.first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(run.first(ID).opened().step()).isEqualTo(19);
        Alert warning = run.last(ID);
        assertThat(warning.severity()).isEqualTo(Severity.WARNING);
        assertThat(warning.opened().epoch()).isEqualTo(3);
        assertThat(WatchedRun.evidence(warning, "observed")).isBetween(4e-4, 5e-4);
        assertThat(warning.causes().get(0).code()).isEqualTo("saturating-activations");
    }

    @Test
    void onlyNotesWhereTheRunLearnsAllTheSame() {
        WatchedRun run = WatchedRun.run(layers(200, 8, 1 / 3.0, true));

        assertThat(run.first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(run.paging()).doesNotContain(ID);
    }

    @Test
    void oneHiddenLayerDoesNotVanish() {
        assertThat(WatchedRun.run(layers(200, 2, 1e-4, false)).of(ID)).isEmpty();
    }

    @Test
    void aTenthOfTheGradientPerLayerIsNoVanishingOfThree() {
        assertThat(WatchedRun.run(layers(200, 3, 0.1, false)).of(ID)).isEmpty();
    }

    @Test
    void warnsWithoutLayersWhenTheNormDiesAndTheLossStays() {
        Alert alert = WatchedRun.run(globalNorm(false)).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.WARNING);
        assertThat(alert.opened().step()).isBetween(40L, 60L);
        assertThat(alert.summary()).contains("fell from").contains("while the loss stayed");
    }

    @Test
    void aSmallNormAfterLearningIsConvergence() {
        assertThat(WatchedRun.run(globalNorm(true)).of(ID)).isEmpty();
    }

    @Test
    void resolvesWhenTheGradientReachesTheFirstLayer() {
        RunLog log = FaultyRuns.vanishing();
        for (int i = 0; i < 120; i++) {
            log.step(2.303, 1.0, 1e-3, LayerStack.healthy(8, 1));
        }

        assertThat(WatchedRun.run(log).last(ID).state()).isEqualTo(AlertState.RESOLVED);
    }

    @Test
    void obeysItsParameters() {
        assertThat(WatchedRun.run(FaultyRuns.vanishing(), Map.of(ID + ".layer-ratio", 1e-4))
                        .of(ID))
                .isEmpty();
        assertThat(WatchedRun.run(FaultyRuns.vanishing(), Map.of(ID + ".epochs", 1.0))
                        .last(ID)
                        .opened()
                        .epoch())
                .isEqualTo(1);
    }

    @Test
    void leavesTheStoryToDeadLayers() {
        RunLog log = layers(30, 6, 1, true);
        SyntheticCurve curve = new SyntheticCurve(2);
        for (int i = 0; i < 150; i++) {
            log.step(curve.noisy(1.3, 0.02), 1.0, 1e-3, LayerStack.withDead(6, 1, 0, 1, 2, 3, 4));
            if (i % 30 == 29) {
                log.epoch(1.3, null);
            }
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.paging()).contains("dead-layers").doesNotContain(ID);
    }

    private static RunLog layers(int steps, int count, double factor, boolean learns) {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(3);
        for (int i = 0; i < steps; i++) {
            double norm = curve.noisy(1, 0.05);
            double loss = learns ? SyntheticCurve.decay(2.3, 0.5, 40, i) : 2.3;
            log.step(curve.noisy(loss, 0.02), norm, 1e-3, LayerStack.shrinking(count, norm, factor));
            if (i % 30 == 29) {
                log.epoch(loss, null);
            }
        }
        return log;
    }

    private static RunLog globalNorm(boolean learns) {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(3);
        for (int i = 0; i < 200; i++) {
            double loss = learns ? SyntheticCurve.decay(2.3, 0.5, 20, i) : 2.3;
            log.step(curve.noisy(loss, 0.005), curve.noisy(i < 30 ? 1 : 0.005, 0.05));
        }
        return log;
    }
}

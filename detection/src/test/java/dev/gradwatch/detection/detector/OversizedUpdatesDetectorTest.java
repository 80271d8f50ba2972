package dev.gradwatch.detection.detector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.scenario.Curve;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.Stack;
import dev.gradwatch.detection.scenario.Watched;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class OversizedUpdatesDetectorTest {

    private static final String ID = OversizedUpdatesDetector.ID;

    @Test
    void notesItAtTheEndOfTheSecondEpoch() {
        Watched run = Watched.run(FaultyRuns.oversized());
        Alert alert = run.first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.INFO);
        assertThat(alert.opened().step()).isEqualTo(60);
        assertThat(alert.summary()).contains("100 % of the last epoch's steps").contains("more than 10 %");
        assertThat(Watched.evidence(alert, "observed")).isEqualTo(1);
        assertThat(Watched.evidence(alert, "latest")).isBetween(0.29, 0.31);
        assertThat(alert.causes().get(0).code()).isEqualTo("learning-rate-too-high");
        assertThat(run.loud()).isEmpty();
        assertThat(run.of(ID)).extracting(Alert::state).containsExactly(AlertState.OPENED);
    }

    @Test
    void forgivesTheFirstEpoch() {
        assertThat(fires(epochs(4, i -> i < 30 ? 0.5 : 1e-3))).isFalse();
    }

    @Test
    void staysQuietWhereFewStepsAreLarge() {
        assertThat(fires(epochs(5, i -> i % 3 == 0 ? 0.5 : 1e-3))).isFalse();
        assertThat(fires(epochs(5, i -> i % 3 != 0 ? 0.5 : 1e-3))).isTrue();
    }

    @Test
    void staysQuietForUsualUpdates() {
        assertThat(fires(epochs(5, i -> 0.05))).isFalse();
    }

    @Test
    void countsAHundredStepsWhereNoEpochIsKnown() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 260; i++) {
            log.step(Curve.decay(2, 0.8, 100, i), 1.0, null, Stack.updating(3, 1, 0.3));
        }

        assertThat(Watched.run(log).first(ID).opened().step()).isEqualTo(200);
    }

    @Test
    void saysNothingWithoutUpdateNorms() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 300; i++) {
            log.step(Curve.decay(2, 0.8, 100, i), 1.0, 1e-2, List.of());
        }

        assertThat(Watched.run(log).of(ID)).isEmpty();
    }

    @Test
    void staysQuietDuringWarmup() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 300; i++) {
            log.step(Curve.decay(2, 0.8, 100, i), 1.0, 1e-5 * (i + 1), Stack.updating(3, 1, 0.3));
        }

        assertThat(Watched.run(log).of(ID)).isEmpty();
    }

    @Test
    void obeysItsParameters() {
        assertThat(Watched.run(FaultyRuns.oversized(), Map.of(ID + ".ratio", 0.5))
                        .of(ID))
                .isEmpty();
        assertThat(Watched.run(FaultyRuns.oversized(), Map.of(ID + ".least-steps", 31.0))
                        .of(ID))
                .isEmpty();
    }

    @Test
    void leavesTheStoryToDeadLayers() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 150; i++) {
            List<LayerNorms> layers = new ArrayList<>(i < 10 ? Stack.healthy(3, 1) : Stack.withDead(3, 1, 1));
            layers.set(2, new LayerNorms("layer2", 1.0, 0.1, 1.0, 0.3));
            log.step(2.0, 1.0, null, layers);
            if (i % 30 == 29) {
                log.epoch(2.0, null);
            }
        }
        Watched run = Watched.run(log);

        assertThat(run.loud()).contains("dead-layers");
        assertThat(run.opened()).doesNotContain(ID);
    }

    private static RunLog epochs(int epochs, IntToDoubleFunction ratio) {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 30 * epochs; i++) {
            log.step(Curve.decay(2, 0.8, 50, i), 1.0, null, Stack.updating(3, 1, ratio.applyAsDouble(i)));
            if (i % 30 == 29) {
                log.epoch(Curve.decay(2, 0.8, 50, i), null);
            }
        }
        return log;
    }

    private static boolean fires(RunLog log) {
        return !Watched.run(log).of(ID).isEmpty();
    }
}

package dev.gradwatch.detection.detector.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.LayerStack;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class OversizedUpdatesDetectorTest {

    private static final String ID = OversizedUpdatesDetector.ID;

    @Test
    void notesItAtTheEndOfTheSecondEpoch() {
        WatchedRun run = WatchedRun.run(FaultyRuns.oversized());
        Alert alert = run.first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.INFO);
        assertThat(alert.opened().step()).isEqualTo(60);
        assertThat(alert.summary()).contains("100 % of the last epoch's steps").contains("more than 10 %");
        assertThat(WatchedRun.evidence(alert, "observed")).isEqualTo(1);
        assertThat(WatchedRun.evidence(alert, "latest")).isBetween(0.29, 0.31);
        assertThat(alert.causes().get(0).code()).isEqualTo("learning-rate-too-high");
        assertThat(run.paging()).isEmpty();
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
            log.step(SyntheticCurve.decay(2, 0.8, 100, i), 1.0, null, LayerStack.updating(3, 1, 0.3));
        }

        assertThat(WatchedRun.run(log).first(ID).opened().step()).isEqualTo(200);
    }

    @Test
    void saysNothingWithoutUpdateNorms() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 300; i++) {
            log.step(SyntheticCurve.decay(2, 0.8, 100, i), 1.0, 1e-2, List.of());
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void staysQuietDuringWarmup() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 300; i++) {
            log.step(SyntheticCurve.decay(2, 0.8, 100, i), 1.0, 1e-5 * (i + 1), LayerStack.updating(3, 1, 0.3));
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void obeysItsParameters() {
        assertThat(WatchedRun.run(FaultyRuns.oversized(), Map.of(ID + ".ratio", 0.5))
                        .of(ID))
                .isEmpty();
        assertThat(WatchedRun.run(FaultyRuns.oversized(), Map.of(ID + ".least-steps", 31.0))
                        .of(ID))
                .isEmpty();
    }

    @Test
    void leavesTheStoryToDeadLayers() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 150; i++) {
            List<LayerNorms> layers = new ArrayList<>(i < 10 ? LayerStack.healthy(3, 1) : LayerStack.withDead(3, 1, 1));
            layers.set(2, new LayerNorms("layer2", 1.0, 0.1, 1.0, 0.3));
            log.step(2.0, 1.0, null, layers);
            if (i % 30 == 29) {
                log.epoch(2.0, null);
            }
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.paging()).contains("dead-layers");
        assertThat(run.opened()).doesNotContain(ID);
    }

    private static RunLog epochs(int epochs, IntToDoubleFunction ratio) {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 30 * epochs; i++) {
            log.step(SyntheticCurve.decay(2, 0.8, 50, i), 1.0, null, LayerStack.updating(3, 1, ratio.applyAsDouble(i)));
            if (i % 30 == 29) {
                log.epoch(SyntheticCurve.decay(2, 0.8, 50, i), null);
            }
        }
        return log;
    }

    private static boolean fires(RunLog log) {
        return !WatchedRun.run(log).of(ID).isEmpty();
    }
}

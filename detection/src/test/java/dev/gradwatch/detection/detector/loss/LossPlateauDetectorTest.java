package dev.gradwatch.detection.detector.loss;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class LossPlateauDetectorTest {

    private static final String ID = LossPlateauDetector.ID;

    @Test
    void warnsThatARunNeverLearned() {
        Alert alert = WatchedRun.run(FaultyRuns.plateau()).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.WARNING);
        assertThat(alert.opened().step()).isBetween(128L, 200L);
        assertThat(alert.summary()).contains("has not fallen");
        assertThat(WatchedRun.evidence(alert, "start")).isBetween(2.2, 2.4);
        assertThat(alert.causes().get(0).code()).isEqualTo("learning-rate-too-low");
    }

    @Test
    void warnsThatARunStoppedLearningHalfWay() {
        Alert alert = WatchedRun.run(curve(1500, 0.01, i -> Math.max(2, 3 - 0.01 * i)))
                .first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.WARNING);
        assertThat(alert.opened().step()).isBetween(150L, 900L);
        assertThat(alert.summary()).contains("stopped falling at 2");
    }

    @Test
    void onlyNotesConvergence() {
        WatchedRun run = WatchedRun.run(curve(2000, 0.02, i -> SyntheticCurve.decay(3, 0.2, 60, i)));

        assertThat(run.first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(run.first(ID).summary()).contains("it has converged");
        assertThat(run.paging()).isEmpty();
    }

    @Test
    void onlyNotesAnEndAfterMoreThanHalfOfTheLossIsGained() {
        WatchedRun run = WatchedRun.run(curve(1500, 0.02, i -> SyntheticCurve.decay(1, 0.4, 40, i)));

        assertThat(run.paging()).isEmpty();
        assertThat(WatchedRun.run(curve(1500, 0.02, i -> SyntheticCurve.decay(1, 0.6, 40, i)))
                        .paging())
                .containsExactly(ID);
    }

    @Test
    void accusesNoLossAtOrBelowZero() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(3);
        for (int i = 0; i < 600; i++) {
            log.step(SyntheticCurve.decay(-0.74, -0.99, 60, i) + curve.noise(0.005), 1.0);
        }

        assertThat(WatchedRun.run(log).paging()).isEmpty();
    }

    @Test
    void staysQuietDuringWarmup() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(4);
        for (int i = 0; i < 50; i++) {
            log.step(curve.noisy(5, 0.01), 1.0, 1e-6 * (i + 1), List.of());
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void flatteningAtTheEndOfAScheduleIsPlanned() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(5);
        for (int i = 0; i < 1500; i++) {
            double rate = i < 250 ? 1e-3 : 5e-5;
            log.step(curve.noisy(SyntheticCurve.decay(3, 1.5, 60, i), 0.01), 1.0, rate, List.of());
        }

        assertThat(WatchedRun.run(log).paging()).isEmpty();
    }

    @Test
    void slowHonestLearningIsNoPlateau() {
        assertThat(WatchedRun.run(curve(1000, 0.01, i -> 3 - 0.002 * i)).of(ID)).isEmpty();
    }

    @Test
    void judgesEpochsWithMorePatience() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(6);
        for (int i = 0; i < 30; i++) {
            log.epoch(curve.noisy(0.69, 0.002), null);
        }

        assertThat(WatchedRun.run(log).first(ID).opened().epoch()).isBetween(8.0, 20.0);
    }

    @Test
    void resolvesWhenTheLossFallsAfterAll() {
        WatchedRun run =
                WatchedRun.run(curve(1500, 0.01, i -> i < 200 ? 2.3 : SyntheticCurve.decay(2.3, 0.3, 200, i - 200)));

        assertThat(run.first(ID).severity()).isEqualTo(Severity.WARNING);
        assertThat(run.of(ID)).anyMatch(alert -> alert.state() == AlertState.RESOLVED);
        assertThat(run.state().alerts().isPaging(ID)).isFalse();
    }

    @Test
    void obeysItsParameters() {
        IntToDoubleFunction falls = i -> 3 - 0.0002 * i;
        assertThat(WatchedRun.run(curve(300, 0.002, falls)).of(ID)).isNotEmpty();
        Map<String, Double> strict = Map.of(
                ID + ".flat", 0.001, ID + ".flat-hard", 0.001, ID + ".flat-late", 0.001, ID + ".flat-dead", 0.0001);
        assertThat(WatchedRun.run(curve(300, 0.002, falls), strict).of(ID)).isEmpty();
    }

    @Test
    void leavesARisingLossAlone() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(8);
        for (int i = 0; i < 40; i++) {
            log.epoch(curve.noisy(1.4 * (1 + 0.0015 * i), 0.002), null);
        }

        assertThat(WatchedRun.run(log).paging()).doesNotContain(ID);
    }

    @Test
    void leavesTheStoryToZeroGradients() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(7);
        for (int i = 0; i < 200; i++) {
            log.step(curve.noisy(2.3, 0.01), 0.0);
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.opened()).containsExactly("zero-gradients");
        assertThat(run.last("zero-gradients").causes()).isNotEmpty();
    }

    private static RunLog curve(int steps, double noise, IntToDoubleFunction loss) {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(9);
        for (int i = 0; i < steps; i++) {
            log.step(curve.noisy(loss.applyAsDouble(i), noise), curve.noisy(1, 0.1));
        }
        return log;
    }
}

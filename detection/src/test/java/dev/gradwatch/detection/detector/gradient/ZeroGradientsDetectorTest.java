package dev.gradwatch.detection.detector.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ZeroGradientsDetectorTest {

    private static final String ID = ZeroGradientsDetector.ID;

    @Test
    void warnsAtThreeZeroStepsAndIsCriticalAtFiveInARow() {
        WatchedRun run = WatchedRun.run(FaultyRuns.zeroGradients());

        assertThat(run.first(ID).severity()).isEqualTo(Severity.WARNING);
        assertThat(run.first(ID).opened().step()).isEqualTo(62);
        Alert graver = run.of(ID).get(1);
        assertThat(graver.state()).isEqualTo(AlertState.ESCALATED);
        assertThat(graver.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(graver.updated().step()).isEqualTo(64);
        assertThat(graver.id()).isEqualTo(run.first(ID).id());
        assertThat(WatchedRun.evidence(graver, "window")).isEqualTo(5);
        assertThat(WatchedRun.evidence(graver, "observed")).isZero();
    }

    @Test
    void oneZeroStepIsNothing() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 30).step(1.5, 0.0);

        assertThat(WatchedRun.run(FaultyRuns.learning(log, 30)).of(ID)).isEmpty();
    }

    @Test
    void aSmallGradientIsNotAZeroOne() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 20; i++) {
            log.step(2.3 - 0.01 * i, 1e-11);
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void warnsWhenZerosComeScatteredThroughTheRun() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(3);
        for (int i = 0; i < 90; i++) {
            log.step(curve.noisy(SyntheticCurve.decay(3, 1, 30, i), 0.02), i % 10 == 5 ? 0.0 : curve.noisy(1, 0.1));
        }
        Alert alert = WatchedRun.run(log).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.WARNING);
        assertThat(alert.opened().step()).isEqualTo(25);
        assertThat(alert.summary()).contains("3 of 26 steps");
    }

    @Test
    void aSolvedTaskMayHaveNoGradientLeft() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 60; i++) {
            log.step(SyntheticCurve.decay(1, 1e-9, 2, i), i < 30 ? 1.0 : 0.0);
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void resolvesWhenGradientsComeBackAndZerosAreRareAgain() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 20);
        log.step(1.9, 0.0).step(1.9, 0.0).step(1.9, 0.0);
        WatchedRun run = WatchedRun.run(FaultyRuns.learning(log, 400));

        assertThat(run.last(ID).state()).isEqualTo(AlertState.RESOLVED);
        assertThat(run.last(ID).ended().step()).isEqualTo(300);
    }

    @Test
    void countsAsItIsTold() {
        Map<String, Double> settings = Map.of(ID + ".least-steps", 8.0, ID + ".steps-in-a-row", 20.0);
        WatchedRun run = WatchedRun.run(FaultyRuns.zeroGradients(), settings);

        assertThat(run.first(ID).opened().step()).isEqualTo(67);
        assertThat(run.of(ID).get(1).updated().step()).isEqualTo(79);
    }

    @Test
    void leavesTheStoryToANonFiniteLoss() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 20);
        for (int i = 0; i < 10; i++) {
            log.step(Double.NaN, 0.0);
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.paging()).containsExactly("non-finite-values");
        assertThat(run.last("non-finite-values").symptoms()).contains(ID);
    }
}

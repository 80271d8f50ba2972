package dev.gradwatch.detection.detector.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

class SlowStepsDetectorTest {

    private static final String ID = SlowStepsDetector.ID;

    @Test
    void warnsAtTheThirdSlowWindow() {
        Alert alert = WatchedRun.run(FaultyRuns.slowSteps()).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.WARNING);
        assertThat(alert.opened().step()).isEqualTo(9 * 32);
        assertThat(alert.summary()).isEqualTo("A step takes 2000 ms, 2 x the 1000 ms that it used to.");
        assertThat(WatchedRun.evidence(alert, "usual")).isEqualTo(1000);
        assertThat(WatchedRun.evidence(alert, "threshold")).isEqualTo(1300);
        assertThat(alert.causes().get(0).code()).isEqualTo("infrastructure-fault");
    }

    @Test
    void resolvesAfterTwoWindowsBelow() {
        WatchedRun run = WatchedRun.run(steps(700, i -> i >= 200 && i <= 384 ? 1 : 0));

        assertThat(run.last(ID).state()).isEqualTo(AlertState.RESOLVED);
        assertThat(run.last(ID).ended().step()).isEqualTo(14 * 32);
    }

    @Test
    void dividesByTheStepsBetweenTwoReports() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 400; i++) {
            log.at(i < 200 ? 10L * i : 2000 + 5L * (i - 200), 0).step(SyntheticCurve.decay(3, 1, 120, i), 1.0);
        }

        assertThat(WatchedRun.run(log).first(ID).summary()).contains("200 ms").contains("100 ms");
    }

    @Test
    void forgivesTheFirstWindow() {
        assertThat(fires(steps(500, i -> i < 32 ? 60 : 0))).isFalse();
    }

    @Test
    void medianKeepsEvaluationsAndCheckpointsOut() {
        assertThat(fires(steps(900, i -> i % 100 == 99 ? 60 : 0))).isFalse();
    }

    @Test
    void staysQuietForASlowHour() {
        assertThat(fires(steps(500, i -> i >= 230 && i < 290 ? 5 : 0))).isFalse();
    }

    @Test
    void obeysItsParameters() {
        assertThat(WatchedRun.run(FaultyRuns.slowSteps(), Map.of(ID + ".factor", 2.5))
                        .of(ID))
                .isEmpty();
        assertThat(WatchedRun.run(FaultyRuns.slowSteps(), Map.of(ID + ".windows", 5.0))
                        .first(ID)
                        .opened()
                        .step())
                .isEqualTo(11 * 32);
    }

    @Test
    void measuresAnewInANewAttempt() {
        RunLog log = steps(400, i -> 0).attempt(400, 0);
        SyntheticCurve curve = new SyntheticCurve(3);
        for (int i = 0; i < 400; i++) {
            log.after(2).step(curve.noisy(1, 0.05), 1.0);
        }

        assertThat(fires(log)).isFalse();
    }

    /** A second for each step, and some more. */
    private static RunLog steps(int count, IntUnaryOperator more) {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(2);
        for (int i = 0; i < count; i++) {
            log.after(more.applyAsInt(i))
                    .step(curve.noisy(SyntheticCurve.decay(3, 1, 120, i), 0.03), curve.noisy(1, 0.1));
        }
        return log;
    }

    private static boolean fires(RunLog log) {
        return !WatchedRun.run(log).of(ID).isEmpty();
    }

    @Test
    void medianKeepsLongEvaluationsOut() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 700; i++) {
            log.after(i > 200 && i % 8 == 0 ? 120 : 0).step(2.0 / (1 + 0.01 * i), 1.0);
        }
        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }
}

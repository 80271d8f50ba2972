package dev.gradwatch.detection.detector.loss;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class LossDivergenceDetectorTest {

    private static final String ID = LossDivergenceDetector.ID;

    @Test
    void warnsWhenTheGainIsLostAndIsCriticalAboveTheStart() {
        WatchedRun run = WatchedRun.run(FaultyRuns.divergence());

        assertThat(run.first(ID).severity()).isEqualTo(Severity.WARNING);
        assertThat(run.first(ID).opened().step()).isBetween(170L, 205L);
        Alert graver = run.of(ID).get(1);
        assertThat(graver.state()).isEqualTo(AlertState.ESCALATED);
        assertThat(graver.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(graver.summary()).contains("above where it started");
        assertThat(WatchedRun.evidence(graver, "best")).isBetween(0.5, 0.75);
        assertThat(graver.causes().get(0).code()).isEqualTo("learning-rate-too-high");
    }

    @Test
    void isCriticalAtOnceWhenTheFirstStepsBlowUp() {
        Alert alert = WatchedRun.run(curve(40, i -> i == 0 ? 0.5 : 900 * Math.exp(-i / 5.0)))
                .first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(alert.opened().step()).isEqualTo(2);
        assertThat(alert.summary()).contains("blew up in the first steps");
    }

    @Test
    void oneHugeStepAtTheStartIsNoBlowUp() {
        assertThat(WatchedRun.run(curve(100, i -> i == 3 ? 40 : SyntheticCurve.decay(2, 0.5, 30, i)))
                        .of(ID))
                .isEmpty();
    }

    @Test
    void aJumpThatComesBackIsNoDivergence() {
        assertThat(WatchedRun.run(curve(400, i -> i >= 200 && i < 206 ? 3 : SyntheticCurve.decay(2, 0.5, 50, i)))
                        .of(ID))
                .isEmpty();
    }

    @Test
    void aSlowRiseOfAFewPercentIsNoDivergence() {
        assertThat(WatchedRun.run(
                                curve(400, i -> i < 200 ? SyntheticCurve.decay(2, 0.5, 50, i) : 0.5 + 1e-4 * (i - 200)))
                        .of(ID))
                .isEmpty();
    }

    @Test
    void aLossBelowZeroMayLoseSomeOfItsGain() {
        assertThat(WatchedRun.run(curve(400, i -> i < 200 ? -0.01 * i : Math.min(-0.5, -2 + 0.02 * (i - 200))))
                        .of(ID))
                .isEmpty();
    }

    @Test
    void aLossBelowZeroDivergesWhenItRisesAboveItsStart() {
        Alert alert = WatchedRun.run(curve(400, i -> i < 200 ? -0.01 * i : -2 + 0.04 * (i - 200)))
                .first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(alert.opened().step()).isBetween(255L, 330L);
    }

    @Test
    void seesEpochsRiseToo() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(3);
        for (int i = 0; i < 40; i++) {
            log.epoch(curve.noisy(i < 15 ? SyntheticCurve.decay(2, 0.5, 4, i) : 0.5 + 0.15 * (i - 15), 0.01), null);
        }

        assertThat(WatchedRun.run(log).first(ID).opened().epoch()).isBetween(18.0, 26.0);
    }

    @Test
    void resolvesWhenTheLossComesDownAgain() {
        WatchedRun run = WatchedRun.run(curve(
                1200,
                i -> i < 150
                        ? SyntheticCurve.decay(3, 0.5, 50, i)
                        : i < 250 ? 2 : SyntheticCurve.decay(2, 0.4, 60, i - 250)));

        assertThat(run.last(ID).state()).isEqualTo(AlertState.RESOLVED);
    }

    @Test
    void obeysItsParameters() {
        Map<String, Double> never = Map.of(ID + ".standard-errors", 10.0, ID + ".rise", 100.0, ID + ".lost", 1.0);
        WatchedRun calm = WatchedRun.run(FaultyRuns.divergence(), never);
        WatchedRun usual = WatchedRun.run(FaultyRuns.divergence());

        assertThat(calm.first(ID).opened().step())
                .isGreaterThan(usual.first(ID).opened().step());
        assertThat(WatchedRun.run(curve(40, i -> i == 0 ? 0.5 : 20), Map.of(ID + ".blow-up", 100.0))
                        .of(ID))
                .noneMatch(alert -> alert.summary().contains("blew up"));
    }

    @Test
    void leavesTheStoryToANonFiniteLoss() {
        RunLog log = curve(150, i -> SyntheticCurve.decay(3, 0.5, 50, i));
        for (int i = 0; i < 120; i++) {
            log.step(i % 12 == 0 ? Double.NaN : 1 + 0.05 * i, 1.0);
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.paging()).containsExactly("non-finite-values");
        assertThat(run.last("non-finite-values").symptoms()).contains(ID);
    }

    @Test
    void judgesNothingButBlowUpsInTheFirstStepsOfADenseLog() {
        WatchedRun swings = WatchedRun.run(curve(100, i -> 10.7 + 2.5 * Math.sin(i / 8.0)));

        assertThat(swings.of(ID)).isEmpty();
    }

    @Test
    void isNoMoreThanAWarningJustAboveTheStart() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(5);
        for (int i = 0; i < 60; i++) {
            log.epoch(curve.noisy(i < 15 ? 2 - 0.05 * i : 2.03, 0.002), null);
        }

        assertThat(WatchedRun.run(log).of(ID)).allMatch(alert -> alert.severity() == Severity.WARNING);
    }

    @Test
    void measuresARiseBelowZeroByTheLossItself() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(6);
        for (int i = 0; i < 40; i++) {
            log.epoch(i < 5 ? -2.46 : -2.23 + curve.noise(0.005), null);
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    private static RunLog curve(int steps, IntToDoubleFunction loss) {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(9);
        for (int i = 0; i < steps; i++) {
            log.step(curve.noisy(loss.applyAsDouble(i), 0.02), curve.noisy(1, 0.1));
        }
        return log;
    }
}

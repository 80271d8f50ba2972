package dev.gradwatch.detection.detector.loss;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConstantMetricsDetectorTest {

    private static final String ID = ConstantMetricsDetector.ID;

    @Test
    void warnsAtTheEighthIdenticalLoss() {
        Alert alert = WatchedRun.run(FaultyRuns.constant()).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.WARNING);
        assertThat(alert.opened().step()).isEqualTo(7);
        assertThat(WatchedRun.evidence(alert, "observed")).isEqualTo(0.6931471805599453);
        assertThat(WatchedRun.evidence(alert, "window")).isEqualTo(8);
    }

    @Test
    void oneDigitOfDifferenceIsNoStandstill() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 40; i++) {
            log.step(i % 6 == 0 ? 0.6931471805599452 : 0.6931471805599453, 1.0);
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void aCoarseAccuracyMayStandWhileTheLossFalls() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 30; i++) {
            log.epoch(SyntheticCurve.decay(2, 0.2, 10, i), null, null, 0.5, null);
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void warnsWhenTheAccuracyStandsAndTheLossDoesToo() {
        SyntheticCurve curve = new SyntheticCurve(1);
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 12; i++) {
            log.epoch(curve.noisy(0.69, 0.002), null, 0.5, null, null);
        }
        Alert alert = WatchedRun.run(log).first(ID);

        assertThat(alert.opened().epoch()).isEqualTo(8);
        assertThat(alert.summary()).contains("training accuracy has been exactly 0.5");
    }

    @Test
    void aPerfectAccuracyMayStand() {
        for (double perfect : new double[] {1, 0.99, 100}) {
            RunLog log = RunLog.of("r");
            for (int i = 0; i < 20; i++) {
                log.epoch(0.01 + 1e-5 * (i % 3), null, null, perfect, null);
            }
            assertThat(WatchedRun.run(log).of(ID)).as("%s", perfect).isEmpty();
        }
    }

    @Test
    void aLossThatCameDownToItsFloorMayStand() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 5);
        for (int i = 0; i < 40; i++) {
            log.step(0.0, 0.1);
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void anErrorRateOfNearlyZeroIsPerfectWhereLowerIsBetter() {
        assertThat(standing("validation_accuracy", 0.01).of(ID)).isEmpty();
        assertThat(standing("wer", 0.01).paging()).contains(ID);
    }

    /** A validation accuracy, or error rate, that stands while the loss stands too. */
    private static WatchedRun standing(String lowerIsBetter, double value) {
        RunLog log = RunLog.of("r")
                .started(RunStarted.builder()
                        .lowerIsBetter(List.of(lowerIsBetter))
                        .build());
        for (int i = 0; i < 14; i++) {
            log.epoch(0.5 + 1e-5 * (i % 3), null, null, value, null);
        }
        return WatchedRun.run(log);
    }

    @Test
    void resolvesWhenTheLossMoves() {
        WatchedRun run = WatchedRun.run(FaultyRuns.constant().step(0.68, 1.0));

        assertThat(run.last(ID).state()).isEqualTo(AlertState.RESOLVED);
    }

    @Test
    void waitsForAsManyRecordsAsItIsTold() {
        WatchedRun run = WatchedRun.run(FaultyRuns.constant(), Map.of(ID + ".records", 20.0));

        assertThat(run.first(ID).opened().step()).isEqualTo(19);
    }

    @Test
    void leavesTheStoryToZeroGradients() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 20; i++) {
            log.step(0.6931471805599453, 0.0);
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.opened()).containsExactly("zero-gradients");
        assertThat(run.last("zero-gradients").symptoms()).contains(ID);
    }
}

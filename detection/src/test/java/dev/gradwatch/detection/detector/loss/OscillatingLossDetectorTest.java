package dev.gradwatch.detection.detector.loss;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.FaultyEpochs;
import dev.gradwatch.detection.scenario.LayerStack;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class OscillatingLossDetectorTest {

    private static final String ID = OscillatingLossDetector.ID;

    @Test
    void warnsWhereTrainingAndValidationSwingTogether() {
        Alert alert = WatchedRun.run(FaultyEpochs.oscillating()).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.WARNING);
        assertThat(alert.opened().epoch()).isBetween(9.0, 13.0);
        assertThat(alert.summary()).contains("training loss swings").contains("gets nowhere");
        assertThat(WatchedRun.evidence(alert, "observed")).isGreaterThan(WatchedRun.evidence(alert, "threshold"));
        assertThat(alert.causes().get(0).code()).isEqualTo("learning-rate-too-high");
    }

    @Test
    void warnsWhereTheUpdatesAreLargeEnoughToCauseIt() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 30; i++) {
            for (int k = 0; k < 10; k++) {
                log.step(null, 1.0, null, LayerStack.updating(3, 1, 0.08));
            }
            log.epoch(swing(i), null);
        }

        assertThat(WatchedRun.run(log).paging()).contains(ID);
    }

    @Test
    void onlyNotesSwingsThatNothingElseSpeaksFor() {
        WatchedRun run = WatchedRun.run(epochs(30, OscillatingLossDetectorTest::swing, null));

        assertThat(run.first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(run.paging()).doesNotContain(ID);
    }

    @Test
    void notesAValidationLossThatSwingsAlone() {
        WatchedRun run =
                WatchedRun.run(epochs(30, i -> SyntheticCurve.decay(2, 0.5, 8, i), i -> i % 2 == 0 ? 1.5 : 0.8));

        assertThat(run.first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(run.first(ID).summary()).contains("validation loss swings");
    }

    @Test
    void takesAFallingTrendUnderTheSwingsForBatchNoise() {
        SyntheticCurve curve = new SyntheticCurve(3);
        assertThat(fires(epochs(
                        40,
                        i -> SyntheticCurve.decay(2, 0.2, 12, i) * (i % 2 == 0 ? 1.15 : 0.85),
                        i -> curve.noisy(SyntheticCurve.decay(2, 0.4, 12, i), 0.02))))
                .isFalse();
    }

    @Test
    void staysQuietForAWaveOfSeveralEpochsEachWay() {
        assertThat(fires(epochs(40, i -> 1 + 0.3 * Math.sin(i / 3.0), i -> 1 + 0.3 * Math.sin(i / 3.0))))
                .isFalse();
    }

    @Test
    void staysQuietForSmallSwings() {
        IntToDoubleFunction small = i -> i % 2 == 0 ? 1.05 : 0.97;
        assertThat(fires(epochs(40, small, small))).isFalse();
    }

    @Test
    void leavesLossesAtOrBelowZeroAlone() {
        IntToDoubleFunction below = i -> i % 2 == 0 ? -1.3 : -0.7;
        assertThat(fires(epochs(40, below, below))).isFalse();
    }

    @Test
    void staysQuietDuringWarmup() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 20; i++) {
            log.epoch(swing(i), swing(i), null, null, 1e-5 * (i + 1));
        }

        assertThat(WatchedRun.run(log).of(ID))
                .noneMatch(alert -> alert.severity().isPaging());
    }

    @Test
    void resolvesWhenTheLossFalls() {
        IntToDoubleFunction calms = i -> i < 20 ? swing(i) : SyntheticCurve.decay(0.8, 0.1, 6, i - 20);
        WatchedRun run = WatchedRun.run(epochs(50, calms, calms));

        assertThat(run.first(ID).severity()).isEqualTo(Severity.WARNING);
        assertThat(run.last(ID).state()).isEqualTo(AlertState.RESOLVED);
    }

    @Test
    void obeysItsParameters() {
        assertThat(fires("swing", 1)).isFalse();
        assertThat(fires("above-best", 3)).isFalse();
        SyntheticCurve curve = new SyntheticCurve(4);
        RunLog wild = epochs(40, i -> curve.noisy(1, 0.4), i -> curve.noisy(1, 0.4));
        assertThat(fires(wild)).isTrue();
        assertThat(WatchedRun.run(wild, Map.of(ID + ".turns", 1.0)).paging()).doesNotContain(ID);
        assertThat(WatchedRun.run(
                                epochs(30, i -> SyntheticCurve.decay(2, 0.5, 8, i), i -> i % 2 == 0 ? 1.5 : 0.8),
                                Map.of(ID + ".validation-swing", 5.0))
                        .of(ID))
                .isEmpty();
    }

    @Test
    void leavesTheStoryToANonFiniteLoss() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 30; i++) {
            log.epoch(i % 9 == 5 ? Double.NaN : swing(i), swing(i));
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.paging()).containsExactly("non-finite-values");
    }

    @Test
    void isMutedWhereNoLossIsMeantToFall() {
        for (String profile : new String[] {"adversarial", "reinforcement"}) {
            RunLog log =
                    RunLog.of("r").started(RunStarted.builder().profile(profile).build());
            for (int i = 0; i < 30; i++) {
                log.epoch(swing(i), swing(i));
            }
            assertThat(WatchedRun.run(log).of(ID)).isEmpty();
        }
    }

    private static double swing(int i) {
        return i == 0 ? 2 : i % 2 == 0 ? 1.3 + 0.01 * (i % 5) : 0.7 - 0.01 * (i % 3);
    }

    private static RunLog epochs(int count, IntToDoubleFunction train, IntToDoubleFunction validation) {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < count; i++) {
            log.epoch(train.applyAsDouble(i), validation == null ? null : (Double) validation.applyAsDouble(i));
        }
        return log;
    }

    private static boolean fires(RunLog log) {
        return WatchedRun.run(log).paging().contains(ID);
    }

    private static boolean fires(String parameter, double value) {
        return WatchedRun.run(FaultyEpochs.oscillating(), Map.of(ID + "." + parameter, value))
                .paging()
                .contains(ID);
    }

    @Test
    void findsSwingsThatBeginAfterTheLossHadFallen() {
        SyntheticCurve curve = new SyntheticCurve(1);
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 40; i++) {
            double loss = curve.noisy(i < 6 ? 2 - 0.15 * i : i % 2 == 0 ? 1.3 : 0.8, 0.05);
            log.epoch(loss, 1.05 * loss);
        }
        assertThat(WatchedRun.run(log).paging()).contains("oscillating-loss");
    }
}

package dev.gradwatch.detection.detector.loss;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.FaultyFamilies;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImplausibleLossDetectorTest {

    private static final String ID = ImplausibleLossDetector.ID;

    @Test
    void tellsALossOfZeroWhileMostAnswersAreWrong() {
        Alert alert = WatchedRun.run(FaultyFamilies.zeroAtChance(1)).first(ID);

        assertThat(alert.summary()).contains("while the training accuracy is 9.9 %");
        assertThat(alert.causes().get(0).code()).isEqualTo("wrong-loss-or-output-activation");
    }

    @Test
    void tellsACrossEntropyBelowZero() {
        RunStarted registered =
                RunStarted.builder().loss("categorical_crossentropy").build();
        RunLog log = RunLog.of("r").started(registered);
        for (int i = 0; i < 10; i++) {
            log.step(-0.1 - i, 1.0);
        }

        assertThat(WatchedRun.run(log).first(ID).opened().step()).isEqualTo(2);
        assertThat(WatchedRun.run(log).first(ID).summary()).contains("a cross-entropy is never below zero");
    }

    @Test
    void tellsACrossEntropyBelowItsBound() {
        RunStarted registered =
                RunStarted.builder().loss("cross-entropy").classes(10).build();
        RunLog log = RunLog.of("r").started(registered);
        for (int i = 0; i < 6; i++) {
            log.epoch(0.1, null, 0.3, null, null);
        }

        assertThat(WatchedRun.run(log).first(ID).opened().epoch()).isEqualTo(3);
    }

    @Test
    void leavesLikelihoodsAndOtherNegativeLossesAlone() {
        RunLog likelihood = RunLog.of("r");
        RunLog score = RunLog.of("r");
        for (int i = 0; i < 300; i++) {
            likelihood.epoch(SyntheticCurve.decay(5, -40, 30, i), null);
            score.epoch(SyntheticCurve.decay(0.1, -0.98, 30, i), null, 0.1 + 0.8 * i / 300, null, null);
        }

        assertThat(WatchedRun.run(likelihood).of(ID)).isEmpty();
        assertThat(WatchedRun.run(score).of(ID)).isEmpty();
    }

    @Test
    void leavesASolvedTaskAndARegressionAlone() {
        RunLog solved = RunLog.of("r");
        RunLog regression = RunLog.of("r");
        for (int i = 0; i < 40; i++) {
            solved.epoch(i < 10 ? 0.7 - 0.07 * i : 0.0, null, Math.min(1, 0.5 + 0.05 * i), null, null);
            regression.epoch(i < 10 ? 3.0 - 0.3 * i : 0.0, null, 0.0, null, null);
        }

        assertThat(WatchedRun.run(solved).of(ID)).isEmpty();
        assertThat(WatchedRun.run(regression).of(ID)).isEmpty();
    }

    @Test
    void endsWhenTheLossIsPlausibleAgain() {
        RunStarted registered = RunStarted.builder().loss("bce_cross_entropy").build();
        RunLog log = RunLog.of("r").started(registered);
        for (int i = 0; i < 20; i++) {
            log.step(i < 5 ? -2.0 : 0.7, 1.0);
        }

        assertThat(WatchedRun.run(log).last(ID).state()).isEqualTo(AlertState.RESOLVED);
    }

    @Test
    void absorbsWhatItExplains() {
        List<String> opened = WatchedRun.run(FaultyFamilies.zeroAtChance(2)).opened();

        assertThat(opened).containsExactly(ID);
    }

    @Test
    void obeysItsParameters() {
        RunLog log = FaultyFamilies.zeroAtChance(3);

        assertThat(WatchedRun.run(log, Map.of(ID + ".records", 20.0)).of(ID)).isEmpty();
    }
}

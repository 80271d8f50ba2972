package dev.gradwatch.detection.detector.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.scenario.FaultyEpochs;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class OverfittingDetectorTest {

    private static final String ID = OverfittingDetector.ID;

    @Test
    void warnsAFewEpochsPastTheBestAndNamesIt() {
        Alert alert = WatchedRun.run(FaultyEpochs.overfitting()).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.WARNING);
        assertThat(alert.opened().epoch()).isBetween(13.0, 18.0);
        assertThat(alert.bestEpoch()).isEqualTo(10);
        assertThat(alert.summary()).contains("epoch 10").contains("training loss went on falling");
        assertThat(WatchedRun.evidence(alert, "observed")).isGreaterThan(WatchedRun.evidence(alert, "threshold"));
        assertThat(alert.causes().get(0).code()).isEqualTo("overfitting");
    }

    @Test
    void onlyNotesAModelThatGrowsOverconfident() {
        WatchedRun run =
                WatchedRun.run(epochs(40, OverfittingDetectorTest::falls, OverfittingDetectorTest::rises, 0.97));

        assertThat(run.first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(run.paging()).isEmpty();
    }

    @Test
    void onlyNotesASlowRiseThatNoLostAccuracyConfirms() {
        IntToDoubleFunction slowly = i -> i < 10 ? SyntheticCurve.decay(2, 0.6, 4, i) : 0.735 + 0.0018 * (i - 9);
        WatchedRun stands = WatchedRun.run(epochs(38, OverfittingDetectorTest::falls, slowly, 0.7));

        assertThat(stands.first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(stands.paging()).isEmpty();
    }

    @Test
    void knowsAccuracyInPercent() {
        assertThat(WatchedRun.run(epochs(40, OverfittingDetectorTest::falls, OverfittingDetectorTest::rises, 97.0))
                        .paging())
                .isEmpty();
        assertThat(WatchedRun.run(epochs(40, OverfittingDetectorTest::falls, OverfittingDetectorTest::rises, 60.0))
                        .paging())
                .contains(ID);
    }

    @Test
    void validationThatLevelsOffIsNoOverfitting() {
        assertThat(WatchedRun.run(epochs(
                                60, OverfittingDetectorTest::falls, i -> SyntheticCurve.decay(2, 0.6, 4, i), null))
                        .of(ID))
                .isEmpty();
    }

    @Test
    void noiseOfTheValidationIsNoRise() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(8);
        for (int i = 0; i < 60; i++) {
            log.epoch(
                    curve.noisy(SyntheticCurve.decay(2, 0.1, 12, i), 0.01),
                    curve.noisy(SyntheticCurve.decay(2, 0.5, 8, i), 0.15));
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void aRisingTrainingLossIsAnotherStory() {
        WatchedRun run =
                WatchedRun.run(epochs(40, OverfittingDetectorTest::rises, OverfittingDetectorTest::rises, null));

        assertThat(run.paging()).doesNotContain(ID);
    }

    @Test
    void leavesLossesAtOrBelowZeroAlone() {
        assertThat(WatchedRun.run(epochs(40, i -> -1 - 0.1 * i, i -> i < 10 ? -0.1 * i : -1 + 0.05 * i, null))
                        .of(ID))
                .isEmpty();
    }

    @Test
    void resolvesWhenValidationFindsANewBest() {
        IntToDoubleFunction back = i -> i < 20 ? rises(i) : SyntheticCurve.decay(rises(20), 0.3, 4, i - 20);
        WatchedRun run = WatchedRun.run(epochs(60, OverfittingDetectorTest::falls, back, null));

        assertThat(run.first(ID).severity()).isEqualTo(Severity.WARNING);
        assertThat(run.last(ID).state()).isEqualTo(AlertState.RESOLVED);
    }

    @Test
    void obeysItsParameters() {
        Map<String, Double> late = Map.of(ID + ".wait-evaluations", 12.0);
        assertThat(WatchedRun.run(FaultyEpochs.overfitting(), late)
                        .first(ID)
                        .opened()
                        .epoch())
                .isBetween(22.0, 26.0);
        Map<String, Double> high = Map.of(ID + ".rise", 5.0, ID + ".slow-rise", 5.0);
        assertThat(WatchedRun.run(FaultyEpochs.overfitting(), high).of(ID)).isEmpty();
    }

    @Test
    void leavesTheStoryToANonFiniteLoss() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 40; i++) {
            log.epoch(i % 10 == 3 ? Double.NaN : falls(i), rises(i));
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.paging()).containsExactly("non-finite-values");
        assertThat(run.last("non-finite-values").symptoms()).contains(ID);
    }

    private static double falls(int i) {
        return SyntheticCurve.decay(2, 0.01, 10, i);
    }

    private static double rises(int i) {
        return i < 10 ? SyntheticCurve.decay(2, 0.6, 4, i) : 0.72 + 0.03 * (i - 9);
    }

    @Test
    void endsWithANewBest() {
        RunLog log = RunLog.of("r");
        double[] validation = {1, 0.8, 0.6, 0.75, 0.85, 0.95, 1.0, 0.5, 0.49, 0.48};
        for (int i = 0; i < validation.length; i++) {
            log.epoch(Math.pow(0.6, i), validation[i]);
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.last(ID).state()).isEqualTo(AlertState.RESOLVED);
        assertThat(run.last(ID).ended().epoch()).isEqualTo(8.0);
    }

    @Test
    void takesNoTwoRisesOfALossThatHasRisenBeforeForATrend() {
        RunLog log = RunLog.of("r");
        double[] validation = {1.13, 1.18, 0.75, 0.91, 1.0, 0.86, 0.53, 0.54, 0.53, 0.52};
        for (int i = 0; i < validation.length; i++) {
            log.epoch(Math.pow(0.9, i), validation[i]);
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void onlyNotesRisesThatCostNoAccuracy() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 4; i++) {
            log.epoch(Math.pow(0.4, i), 0.25 + 0.07 * i, null, 0.8 + 0.01 * i, null);
        }

        assertThat(WatchedRun.run(log).first(ID).severity()).isEqualTo(Severity.INFO);
    }

    private static RunLog epochs(
            int count, IntToDoubleFunction train, IntToDoubleFunction validation, Double accuracy) {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(11);
        for (int i = 0; i < count; i++) {
            double trained = curve.noisy(train.applyAsDouble(i), 0.005);
            log.epoch(trained, curve.noisy(validation.applyAsDouble(i), 0.005), null, accuracy, null);
        }
        return log;
    }
}

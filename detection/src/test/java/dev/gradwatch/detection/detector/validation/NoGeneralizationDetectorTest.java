package dev.gradwatch.detection.detector.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.FaultyEpochs;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class NoGeneralizationDetectorTest {

    private static final String ID = NoGeneralizationDetector.ID;

    @Test
    void warnsAtTheTenthEpochOfShuffledLabels() {
        Alert alert = WatchedRun.run(FaultyEpochs.shuffledLabels()).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.WARNING);
        assertThat(alert.opened().epoch()).isEqualTo(10);
        assertThat(alert.summary()).contains("10 evaluations").contains("never much below its first");
        assertThat(WatchedRun.evidence(alert, "observed")).isGreaterThan(WatchedRun.evidence(alert, "threshold"));
        assertThat(alert.causes().get(0).code()).isEqualTo("noisy-or-uninformative-data");
    }

    @Test
    void staysQuietWhereValidationFalls() {
        assertThat(fires(epochs(25, NoGeneralizationDetectorTest::falls, i -> 0.7 - 0.002 * i, null)))
                .isFalse();
    }

    @Test
    void staysQuietWhereTrainingDoesNotFallEither() {
        assertThat(fires(epochs(25, i -> 0.7 - 0.001 * i, i -> 0.7, null))).isFalse();
    }

    @Test
    void staysQuietWhereTheValidationAccuracyRose() {
        assertThat(fires(epochs(25, NoGeneralizationDetectorTest::falls, i -> 0.7, i -> 0.5 + 0.02 * i)))
                .isFalse();
        assertThat(fires(epochs(25, NoGeneralizationDetectorTest::falls, i -> 0.7, i -> 50 + 2.0 * i)))
                .isFalse();
    }

    @Test
    void staysQuietForRunsThatBeganElsewhere() {
        assertThat(fires(shuffled(RunStarted.builder().resumed(true)))).isFalse();
        assertThat(fires(shuffled(RunStarted.builder().pretrained(true)))).isFalse();
        assertThat(fires(shuffled(RunStarted.builder()))).isTrue();
    }

    @Test
    void staysQuietWhereTheFirstEpochTaughtWhatThereIs() {
        assertThat(fires(epochs(25, NoGeneralizationDetectorTest::falls, i -> 0.45, null)))
                .isFalse();
    }

    @Test
    void resolvesWhenValidationFallsAtLast() {
        RunLog log = epochs(
                30, NoGeneralizationDetectorTest::falls, i -> i < 14 ? 0.7 : 0.7 * Math.exp((14 - i) / 10.0), null);

        assertThat(WatchedRun.run(log).of(ID))
                .extracting(Alert::state)
                .containsExactly(AlertState.OPENED, AlertState.RESOLVED);
    }

    @Test
    void obeysItsParameters() {
        assertThat(WatchedRun.run(FaultyEpochs.shuffledLabels(), Map.of(ID + ".epochs", 16.0))
                        .first(ID)
                        .opened()
                        .epoch())
                .isEqualTo(16);
        assertThat(fires("train-fell", 0.9)).isFalse();
        RunLog little = epochs(25, NoGeneralizationDetectorTest::falls, i -> 0.7 - 0.002 * i, null);
        assertThat(WatchedRun.run(little, Map.of(ID + ".validation-fell", 0.5)).paging())
                .contains(ID);
        RunLog rises = epochs(25, NoGeneralizationDetectorTest::falls, i -> 0.7, i -> 0.5 + 0.02 * i);
        assertThat(WatchedRun.run(rises, Map.of(ID + ".accuracy-gain", 0.9)).paging())
                .contains(ID);
    }

    @Test
    void leavesTheStoryToOverfitting() {
        RunLog log = epochs(30, i -> SyntheticCurve.decay(0.7, 0.05, 6, i), i -> 0.7 + 0.015 * i, null);
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.paging()).containsExactly("overfitting");
        assertThat(run.last("overfitting").symptoms()).contains(ID);
    }

    @Test
    void isMutedWhereNoLossIsMeantToFall() {
        assertThat(WatchedRun.run(shuffled(RunStarted.builder().profile("adversarial")))
                        .of(ID))
                .isEmpty();
    }

    private static RunLog shuffled(RunStarted.Builder started) {
        RunLog log = RunLog.of("r").started(started.build());
        SyntheticCurve curve = new SyntheticCurve(22);
        for (int i = 0; i < 25; i++) {
            log.epoch(falls(i), curve.noisy(0.7, 0.003));
        }
        return log;
    }

    private static RunLog epochs(
            int count, IntToDoubleFunction train, IntToDoubleFunction validation, IntToDoubleFunction accuracy) {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(5);
        for (int i = 0; i < count; i++) {
            Double share = accuracy == null ? null : (Double) accuracy.applyAsDouble(i);
            log.epoch(
                    curve.noisy(train.applyAsDouble(i), 0.002),
                    curve.noisy(validation.applyAsDouble(i), 0.002),
                    null,
                    share,
                    null);
        }
        return log;
    }

    private static double falls(int i) {
        return SyntheticCurve.decay(0.7, 0.4, 15, i);
    }

    private static boolean fires(RunLog log) {
        return WatchedRun.run(log).paging().contains(ID);
    }

    private static boolean fires(String parameter, double value) {
        return WatchedRun.run(FaultyEpochs.shuffledLabels(), Map.of(ID + "." + parameter, value))
                .paging()
                .contains(ID);
    }

    @Test
    void staysQuietForARegressionThatAnswersTheMean() {
        SyntheticCurve curve = new SyntheticCurve(1);
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 40; i++) {
            log.epoch(curve.noisy(SyntheticCurve.decay(1, 0.84, 1, i), 0.003), curve.noisy(0.86, 0.005));
        }
        assertThat(WatchedRun.run(log).of("no-generalization")).isEmpty();
    }
}

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

class MetricPlateauDetectorTest {

    private static final String ID = MetricPlateauDetector.ID;

    @Test
    void notesTheBestEpochAfterFiveEvaluationsWithoutABetterOne() {
        WatchedRun run = WatchedRun.run(epochs(40, MetricPlateauDetectorTest::falls, i -> i < 10 ? 2 - 0.1 * i : 1.12));
        Alert alert = run.first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.INFO);
        assertThat(alert.opened().epoch()).isEqualTo(15);
        assertThat(alert.bestEpoch()).isEqualTo(10);
        assertThat(alert.summary())
                .contains("No better validation loss in 5 evaluations")
                .contains("at epoch 10");
        assertThat(WatchedRun.evidence(alert, "observed")).isGreaterThan(WatchedRun.evidence(alert, "best"));
        assertThat(run.paging()).isEmpty();
    }

    @Test
    void saysItOnceInAnAttempt() {
        WatchedRun run = WatchedRun.run(FaultyEpochs.standingValidation().finished());

        assertThat(run.of(ID)).hasSize(2);
        assertThat(run.first(ID).state()).isEqualTo(AlertState.OPENED);
        assertThat(run.last(ID).state().isOpen()).isFalse();
    }

    @Test
    void isOverWithTheNextBest() {
        WatchedRun run = WatchedRun.run(
                epochs(40, MetricPlateauDetectorTest::falls, i -> i < 10 ? 2 - 0.1 * i : i < 20 ? 1.12 : 0.9));

        assertThat(run.last(ID).state()).isEqualTo(AlertState.RESOLVED);
        assertThat(run.last(ID).ended().epoch()).isEqualTo(21);
    }

    @Test
    void waitsForAShareOfALongRun() {
        WatchedRun run = WatchedRun.run(
                epochs(200, i -> SyntheticCurve.decay(2, 0.2, 80, i), i -> i < 100 ? 2 - 0.01 * i : 1.02));

        assertThat(run.first(ID).opened().epoch()).isBetween(110.0, 113.0);
    }

    @Test
    void staysQuietWhereTrainingGotWorse() {
        WatchedRun run = WatchedRun.run(
                epochs(30, i -> i < 10 ? 2 - 0.1 * i : 1.1 + 0.02 * (i - 10), i -> i < 10 ? 2 - 0.1 * i : 1.15));

        assertThat(run.of(ID)).isEmpty();
    }

    @Test
    void staysQuietWhileValidationFalls() {
        assertThat(fires(epochs(50, MetricPlateauDetectorTest::falls, i -> SyntheticCurve.decay(2, 0.4, 25, i))))
                .isFalse();
    }

    @Test
    void leavesTheStoryToOverfitting() {
        WatchedRun run = WatchedRun.run(FaultyEpochs.overfitting(), Map.of(ID + ".patience", 20.0));

        assertThat(run.paging()).containsExactly("overfitting");
        assertThat(run.opened()).doesNotContain(ID);
    }

    @Test
    void isMutedWhereNoLossIsMeantToFall() {
        RunLog log = RunLog.of("r")
                .started(RunStarted.builder().profile("reinforcement").build());
        for (int i = 0; i < 50; i++) {
            log.epoch(falls(i), stands(i));
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void obeysItsParameters() {
        assertThat(opened("patience", 15)).isGreaterThan(opened("patience", 3));
        assertThat(opened("share", 0.9)).isNaN();
        RunLog rises = epochs(30, i -> i < 10 ? 2 - 0.1 * i : 1.3, i -> i < 10 ? 2 - 0.1 * i : 1.15);
        assertThat(WatchedRun.run(rises, Map.of(ID + ".train-rise", 0.1)).of(ID))
                .isEmpty();
        assertThat(WatchedRun.run(rises, Map.of(ID + ".train-rise", 0.5)).of(ID))
                .isNotEmpty();
    }

    private static double opened(String parameter, double value) {
        WatchedRun run = WatchedRun.run(FaultyEpochs.standingValidation(), Map.of(ID + "." + parameter, value));
        return run.of(ID).isEmpty() ? Double.NaN : run.first(ID).opened().epoch();
    }

    private static double falls(int i) {
        return SyntheticCurve.decay(2, 0.2, 20, i);
    }

    private static double stands(int i) {
        return SyntheticCurve.decay(2, 0.8, 2.5, i);
    }

    private static RunLog epochs(int count, IntToDoubleFunction train, IntToDoubleFunction validation) {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(24);
        for (int i = 0; i < count; i++) {
            log.epoch(curve.noisy(train.applyAsDouble(i), 0.002), curve.noisy(validation.applyAsDouble(i), 0.002));
        }
        return log;
    }

    private static boolean fires(RunLog log) {
        return !WatchedRun.run(log).of(ID).isEmpty();
    }
}

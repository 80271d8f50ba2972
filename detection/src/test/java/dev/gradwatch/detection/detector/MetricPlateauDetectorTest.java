package dev.gradwatch.detection.detector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.Curve;
import dev.gradwatch.detection.scenario.FaultyEpochs;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.Watched;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class MetricPlateauDetectorTest {

    private static final String ID = MetricPlateauDetector.ID;

    @Test
    void notesAValidationLossThatStandsWithItsBestEpoch() {
        Watched run = Watched.run(FaultyEpochs.standingValidation());
        Alert alert = run.first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.INFO);
        assertThat(alert.opened().epoch()).isBetween(12.0, 45.0);
        assertThat(alert.summary())
                .contains("stood at 0.8")
                .contains("training loss still falls")
                .contains("at epoch " + (int) (double) alert.bestEpoch());
        assertThat(Math.abs(Watched.evidence(alert, "observed"))).isLessThan(Watched.evidence(alert, "threshold"));
        assertThat(run.loud()).isEmpty();
    }

    @Test
    void saysItOnceInAnAttempt() {
        Watched run = Watched.run(FaultyEpochs.standingValidation().finished());

        assertThat(run.of(ID)).extracting(Alert::state).containsExactly(AlertState.OPENED, AlertState.CLOSED);
    }

    @Test
    void staysQuietWhereTrainingStandsToo() {
        assertThat(fires(epochs(50, MetricPlateauDetectorTest::stands, MetricPlateauDetectorTest::stands)))
                .isFalse();
    }

    @Test
    void staysQuietWhileValidationFalls() {
        assertThat(fires(epochs(50, MetricPlateauDetectorTest::falls, i -> Curve.decay(2, 0.4, 25, i))))
                .isFalse();
    }

    @Test
    void staysQuietWhereNoiseHidesWhatValidationDoes() {
        Curve curve = new Curve(2);
        assertThat(fires(epochs(50, MetricPlateauDetectorTest::falls, i -> curve.noisy(stands(i), 0.2))))
                .isFalse();
    }

    @Test
    void leavesARiseToOverfitting() {
        Watched run = Watched.run(FaultyEpochs.overfitting());

        assertThat(run.opened()).contains("overfitting").doesNotContain(ID);
    }

    @Test
    void saysNothingBeforeTheTwelfthEvaluation() {
        assertThat(fires(epochs(11, MetricPlateauDetectorTest::falls, i -> 0.8)))
                .isFalse();
    }

    @Test
    void isMutedWhereNoLossIsMeantToFall() {
        RunLog log = RunLog.of("r")
                .started(RunStarted.builder().profile("reinforcement").build());
        for (int i = 0; i < 50; i++) {
            log.epoch(falls(i), stands(i));
        }

        assertThat(Watched.run(log).of(ID)).isEmpty();
    }

    @Test
    void obeysItsParameters() {
        assertThat(opened("flat", 0.0001)).isNaN();
        assertThat(opened("least-evaluations", 40)).isGreaterThan(40);
        assertThat(opened("share", 0.2)).isLessThan(opened("share", 0.8));
    }

    private static double opened(String parameter, double value) {
        Watched run = Watched.run(FaultyEpochs.standingValidation(), Map.of(ID + "." + parameter, value));
        return run.of(ID).isEmpty() ? Double.NaN : run.first(ID).opened().epoch();
    }

    private static double falls(int i) {
        return Curve.decay(2, 0.2, 20, i);
    }

    private static double stands(int i) {
        return Curve.decay(2, 0.8, 2.5, i);
    }

    private static RunLog epochs(int count, IntToDoubleFunction train, IntToDoubleFunction validation) {
        RunLog log = RunLog.of("r");
        Curve curve = new Curve(24);
        for (int i = 0; i < count; i++) {
            log.epoch(curve.noisy(train.applyAsDouble(i), 0.002), curve.noisy(validation.applyAsDouble(i), 0.002));
        }
        return log;
    }

    private static boolean fires(RunLog log) {
        return !Watched.run(log).of(ID).isEmpty();
    }
}

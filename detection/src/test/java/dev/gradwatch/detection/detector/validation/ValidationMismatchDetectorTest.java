package dev.gradwatch.detection.detector.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.scenario.FaultyEpochs;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ValidationMismatchDetectorTest {

    private static final String ID = ValidationMismatchDetector.ID;

    @Test
    void notesAValidationThatIsFarOffFromTheStart() {
        WatchedRun run = WatchedRun.run(FaultyEpochs.mismatch());
        Alert alert = run.first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.INFO);
        assertThat(alert.opened().epoch()).isEqualTo(2);
        assertThat(alert.summary()).contains("x the training loss").contains("points behind");
        assertThat(WatchedRun.evidence(alert, "observed")).isGreaterThan(WatchedRun.evidence(alert, "threshold"));
        assertThat(WatchedRun.evidence(alert, "accuracy-gap")).isBetween(0.4, 0.6);
        assertThat(alert.causes().get(0).code()).isEqualTo("train-validation-mismatch");
        assertThat(run.paging()).isEmpty();
    }

    @Test
    void readsPercent() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 3; i++) {
            log.epoch(1.0 - 0.2 * i, 5.0, 70.0 + 5 * i, 20.0, null);
        }

        assertThat(WatchedRun.run(log).first(ID).summary()).containsPattern("55(\\.0)? points behind");
    }

    @Test
    void notesAValidationThatIsSteadilyAhead() {
        Alert alert = WatchedRun.run(ahead(6, 0.08)).first(ID);

        assertThat(alert.opened().epoch()).isEqualTo(5);
        assertThat(alert.summary())
                .containsPattern("8(\\.00)? points above the training accuracy")
                .contains("leaked");
        assertThat(alert.severity()).isEqualTo(Severity.INFO);
    }

    @Test
    void staysQuietForAGapThatOpensLater() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 20; i++) {
            log.epoch(1.0 / (i + 1), 1.0 + 0.2 * i, 0.5 + 0.02 * i, 0.5, null);
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void staysQuietForOneOddEvaluation() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 5; i++) {
            log.epoch(1.0 - 0.1 * i, i == 1 ? 6.0 : 1.0, 0.6, i == 1 ? 0.2 : 0.6, null);
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void staysQuietWhereTrainingGetsWorse() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 4; i++) {
            log.epoch(1.0 + 0.1 * i, 6.0, 0.6, 0.2, null);
        }

        assertThat(WatchedRun.run(log).of(ID)).hasSizeLessThan(1);
    }

    @Test
    void needsAccuraciesForTheLossAlone() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 4; i++) {
            log.epoch(1.0 - 0.1 * i, 6.0);
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void staysQuietWhereValidationIsAheadByLittleOrNotSteadily() {
        assertThat(WatchedRun.run(ahead(20, 0.04)).of(ID)).isEmpty();
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 20; i++) {
            log.epoch(1.0 - 0.02 * i, 1.0 - 0.02 * i, 0.6, i % 4 == 3 ? 0.6 : 0.7, null);
        }
        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void obeysItsParameters() {
        assertThat(fires(FaultyEpochs.mismatch(), "times", 100)).isFalse();
        assertThat(fires(FaultyEpochs.mismatch(), "behind", 0.9)).isFalse();
        assertThat(fires(ahead(6, 0.08), "ahead", 0.1)).isFalse();
        assertThat(fires(ahead(6, 0.08), "ahead-epochs", 8)).isFalse();
    }

    @Test
    void leavesTheStoryToANonFiniteLoss() {
        RunLog log = RunLog.of("r")
                .epoch(1.0, Double.NaN, 0.6, 0.2, null)
                .epoch(0.8, 6.0, 0.7, 0.2, null)
                .epoch(0.6, 6.0, 0.8, 0.2, null);
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.paging()).containsExactly("non-finite-values");
        assertThat(run.opened()).doesNotContain(ID);
    }

    private static RunLog ahead(int epochs, double gap) {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < epochs; i++) {
            log.epoch(1.0 - 0.02 * i, 0.9 - 0.02 * i, 0.6 + 0.01 * i, 0.6 + 0.01 * i + gap, null);
        }
        return log;
    }

    private static boolean fires(RunLog log, String parameter, double value) {
        return !WatchedRun.run(log, Map.of(ID + "." + parameter, value)).of(ID).isEmpty();
    }
}

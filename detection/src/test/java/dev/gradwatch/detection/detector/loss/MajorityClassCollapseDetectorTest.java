package dev.gradwatch.detection.detector.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.FaultyEpochs;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MajorityClassCollapseDetectorTest {

    private static final String ID = MajorityClassCollapseDetector.ID;
    private static final double ENTROPY_OF_90 = 0.3251;

    @Test
    void warnsAfterAFewEpochsAtTheEntropyOfTheAccuracy() {
        Alert alert = WatchedRun.run(FaultyEpochs.majorityClass()).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.WARNING);
        assertThat(alert.opened().epoch()).isBetween(5.0, 7.0);
        assertThat(alert.summary()).contains("stood at 90 %").contains("most frequent class");
        assertThat(WatchedRun.evidence(alert, "accuracy")).isCloseTo(0.9, offset(1e-9));
        assertThat(WatchedRun.evidence(alert, "threshold")).isBetween(0.3250, 0.3252);
        assertThat(alert.causes().get(0).code()).isEqualTo("class-imbalance");
        assertThat(alert.causes().get(0).remedy()).contains("about 90 %");
    }

    @Test
    void readsPercent() {
        assertThat(fires(standing(12, 90, 90))).isTrue();
    }

    @Test
    void readsAccuraciesOfTrainingAlone() {
        RunLog log = RunLog.of("r").started(FaultyEpochs.twoClasses().build());
        for (int i = 0; i < 12; i++) {
            log.epoch(ENTROPY_OF_90, null, 0.9, null, null);
        }

        assertThat(fires(log)).isTrue();
    }

    @Test
    void findsItWhereTheTrainingAccuracyMovesALittleAndTheLossRests() {
        SyntheticCurve curve = new SyntheticCurve(1);
        RunLog log = RunLog.of("r").started(FaultyEpochs.twoClasses().build());
        for (int i = 0; i < 14; i++) {
            log.epoch(curve.noisy(ENTROPY_OF_90, 0.004), 0.33, 0.9 + 0.001 * (i % 3), 0.9, null);
        }

        assertThat(fires(log)).isTrue();
    }

    @Test
    void staysQuietForAClassifierThatLearnsThroughTheEntropy() {
        assertThat(fires(falling(0.5))).isFalse();
    }

    @Test
    void staysQuietBelowTheEntropy() {
        RunLog log = RunLog.of("r").started(FaultyEpochs.twoClasses().build());
        for (int i = 0; i < 12; i++) {
            log.epoch(0.15, 0.15, 0.9, 0.9, null);
        }

        assertThat(fires(log)).isFalse();
    }

    @Test
    void staysQuietWhereValidationAccuracyMoves() {
        RunLog log = RunLog.of("r").started(FaultyEpochs.twoClasses().build());
        for (int i = 0; i < 12; i++) {
            log.epoch(ENTROPY_OF_90, 0.33, 0.9, 0.9 + 0.001 * (i % 2), null);
        }

        assertThat(fires(log)).isFalse();
    }

    @Test
    void staysQuietWhereTrainingAndValidationAreFarApart() {
        assertThat(fires(standing(12, 0.90, 0.85))).isFalse();
        assertThat(fires(standing(12, 0.90, 0.88))).isTrue();
    }

    @Test
    void staysQuietForClassesInEqualShares() {
        RunLog log = RunLog.of("r").started(FaultyEpochs.twoClasses().build());
        for (int i = 0; i < 12; i++) {
            log.epoch(0.6931, 0.6932, 0.5, 0.5, null);
        }

        assertThat(fires(log)).isFalse();
    }

    @Test
    void needsClassesAndACrossEntropy() {
        assertThat(fires(standing(12, 0.9, 0.9, RunStarted.builder().classes(2))))
                .isFalse();
        assertThat(fires(standing(12, 0.9, 0.9, RunStarted.builder().classes(2).loss("hinge"))))
                .isFalse();
        assertThat(fires(standing(12, 0.9, 0.9, RunStarted.builder().classes(2).loss("CrossEntropyLoss"))))
                .isTrue();
    }

    @Test
    void waitsForAHundredStepsWhereEpochsAreShort() {
        assertThat(WatchedRun.run(
                                standing(40, 0.9, 0.9, FaultyEpochs.twoClasses().stepsPerEpoch(4L)))
                        .first(ID)
                        .opened()
                        .epoch())
                .isEqualTo(25);
    }

    @Test
    void waitsLongerInALongPlan() {
        assertThat(WatchedRun.run(
                                standing(40, 0.9, 0.9, FaultyEpochs.twoClasses().plannedEpochs(100)))
                        .first(ID)
                        .opened()
                        .epoch())
                .isEqualTo(8);
    }

    @Test
    void resolvesWhenTheAccuracyMoves() {
        RunLog log = standing(10, 0.9, 0.9);
        for (int i = 0; i < 6; i++) {
            log.epoch(0.3 - 0.02 * i, 0.3 - 0.02 * i, 0.91 + 0.01 * i, 0.91 + 0.01 * i, null);
        }

        assertThat(WatchedRun.run(log).last(ID).state()).isEqualTo(AlertState.RESOLVED);
        assertThat(WatchedRun.run(log).last(ID).ended().epoch()).isEqualTo(11);
    }

    @Test
    void obeysItsParameters() {
        Map<String, Double> late = Map.of(ID + ".epochs", 8.0);
        assertThat(WatchedRun.run(standing(12, 0.9, 0.9), late)
                        .first(ID)
                        .opened()
                        .epoch())
                .isEqualTo(8);
        assertThat(fires(standing(12, 0.9, 0.9), "steps", 1e6)).isFalse();
        assertThat(fires(standing(12, 0.9, 0.9), "most-share", 0.85)).isFalse();
        assertThat(fires(standing(12, 0.9, 0.9), "least-share", 0.95)).isFalse();
        assertThat(fires(standing(12, 0.9, 0.85), "apart", 0.1)).isTrue();
        assertThat(fires(standing(12, 0.9, 0.9, FaultyEpochs.twoClasses(), 1.4 * ENTROPY_OF_90), "above-entropy", 0.2))
                .isFalse();
    }

    @Test
    void leavesTheStoryToANonFiniteLoss() {
        RunLog log = RunLog.of("r").started(FaultyEpochs.twoClasses().build());
        for (int i = 0; i < 14; i++) {
            log.epoch(i == 1 ? Double.NaN : ENTROPY_OF_90, 0.33, 0.9, 0.9, null);
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.paging()).containsExactly("non-finite-values");
        assertThat(run.last("non-finite-values").symptoms()).contains(ID);
    }

    @Test
    void tellsTheStoryInsteadOfConstantMetrics() {
        WatchedRun run = WatchedRun.run(standing(20, 0.9, 0.9));

        assertThat(run.paging()).contains(ID).doesNotContain("constant-metrics");
        assertThat(run.last(ID).symptoms()).contains("constant-metrics");
    }

    /** The loss goes through the entropy by an eighth in every epoch and on, while the accuracy still stands. */
    private static RunLog falling(double from) {
        RunLog log = RunLog.of("r").started(FaultyEpochs.twoClasses().build());
        for (int i = 0; i < 14; i++) {
            double loss = from * Math.exp(-i / 8.0);
            log.epoch(loss, loss, 0.9, 0.9, null);
        }
        return log;
    }

    private static RunLog standing(int epochs, double train, double validation) {
        return standing(epochs, train, validation, FaultyEpochs.twoClasses());
    }

    private static RunLog standing(int epochs, double train, double validation, RunStarted.Builder started) {
        return standing(epochs, train, validation, started, ENTROPY_OF_90);
    }

    private static RunLog standing(
            int epochs, double train, double validation, RunStarted.Builder started, double loss) {
        RunLog log = RunLog.of("r").started(started.build());
        for (int i = 0; i < epochs; i++) {
            log.epoch(loss, 1.01 * loss, train, validation, null);
        }
        return log;
    }

    private static boolean fires(RunLog log) {
        return WatchedRun.run(log).paging().contains(ID);
    }

    private static boolean fires(RunLog log, String parameter, double value) {
        return WatchedRun.run(log, Map.of(ID + "." + parameter, value)).paging().contains(ID);
    }

    @Test
    void isOneStoryWithThePlateauThatFollows() {
        RunLog log = RunLog.of("r").started(FaultyEpochs.twoClasses().build());
        for (int i = 0; i < 20; i++) {
            log.epoch(0.3251, 0.328, 0.9, 0.9, null);
        }
        assertThat(WatchedRun.run(log).paging()).containsExactly("majority-class-collapse");
    }

    @Test
    void staysQuietForAnImbalancedClassifierThatLearns() {
        SyntheticCurve curve = new SyntheticCurve(2600);
        RunLog log = RunLog.of("imbalanced")
                .started(FaultyEpochs.twoClasses().plannedEpochs(60).build());
        for (int i = 0; i < 60; i++) {
            double loss = curve.noisy(SyntheticCurve.decay(0.3, 0.03, 14, i), 0.01);
            double accuracy = i < 25 ? 0.97 : Math.min(0.995, 0.97 + 0.001 * (i - 24));
            log.at(40L * (i + 1), i).epoch(loss, curve.noisy(1.05 * loss, 0.01), accuracy, accuracy, 1e-3);
        }
        assertThat(WatchedRun.run(log).paging()).isEmpty();
    }
}

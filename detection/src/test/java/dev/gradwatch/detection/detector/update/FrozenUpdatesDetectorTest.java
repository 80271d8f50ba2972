package dev.gradwatch.detection.detector.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Recovery;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.LayerStack;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FrozenUpdatesDetectorTest {

    private static final String ID = FrozenUpdatesDetector.ID;

    @Test
    void warnsAfterTwentyStepsAndIsCriticalInTheFourthEpoch() {
        WatchedRun run = WatchedRun.run(FaultyRuns.frozen());

        assertThat(run.first(ID).severity()).isEqualTo(Severity.WARNING);
        assertThat(run.first(ID).opened().step()).isEqualTo(19);
        Alert graver = run.of(ID).get(1);
        assertThat(graver.state()).isEqualTo(AlertState.ESCALATED);
        assertThat(graver.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(graver.updated().step()).isEqualTo(90);
        assertThat(WatchedRun.evidence(run.first(ID), "observed")).isBetween(0.9e-9, 1.1e-9);
        assertThat(WatchedRun.evidence(run.first(ID), "threshold")).isEqualTo(1e-6);
        assertThat(run.first(ID).causes().get(0).code()).isEqualTo("learning-rate-too-low");
    }

    @Test
    void namesTheOptimizerWhereUpdatesAreExactlyZero() {
        Alert alert = WatchedRun.run(frozen(30, 0, 1e-3)).first(ID);

        assertThat(alert.causes().get(0).code()).isEqualTo("optimizer-not-stepping");
    }

    @Test
    void staysQuietDuringWarmup() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 80; i++) {
            log.step(2.3, 1.0, 1e-9 * (i + 1), LayerStack.updating(3, 1, 1e-8));
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void staysQuietWhenTheRateIsAnnealed() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 1);
        SyntheticCurve curve = new SyntheticCurve(4);
        for (int i = 0; i < 100; i++) {
            double rate = i < 50 ? 1e-3 : 1e-8;
            log.step(curve.noisy(SyntheticCurve.decay(3, 1, 15, i), 0.02), 1.0, rate, LayerStack.updating(3, 1, rate));
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void staysQuietWhereNothingIsLeftToLearn() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 60; i++) {
            log.step(SyntheticCurve.decay(1, 1e-12, 2, i), 1e-10, null, LayerStack.updating(3, 1e-10, 1e-9));
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void saysNothingWithoutUpdateNorms() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 60; i++) {
            log.step(2.3 - 0.02 * i, 1.0, 1e-10, List.of());
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void resolvesWithTheFirstRealUpdate() {
        WatchedRun run = WatchedRun.run(FaultyRuns.frozen().step(2.3, 1.2, 1e-10, LayerStack.updating(3, 1.2, 1e-3)));

        assertThat(run.last(ID).state()).isEqualTo(AlertState.RESOLVED);
        assertThat(run.last(ID).ended().step()).isEqualTo(150);
    }

    @Test
    void obeysItsParameters() {
        Map<String, Double> settings = Map.of(ID + ".steps", 40.0, ID + ".critical-epochs", 2.0);
        WatchedRun run = WatchedRun.run(FaultyRuns.frozen(), settings);

        assertThat(run.first(ID).opened().step()).isEqualTo(39);
        assertThat(run.of(ID).get(1).updated().epoch()).isEqualTo(2);
        assertThat(WatchedRun.run(FaultyRuns.frozen(), Map.of(ID + ".ratio", 1e-10))
                        .of(ID))
                .isEmpty();
    }

    @Test
    void leavesTheStoryToZeroGradients() {
        RunLog log = frozen(4, 1e-9, 1e-10);
        for (int i = 0; i < 5; i++) {
            log.step(2.3, 0.0, 1e-10, LayerStack.updating(3, 0, 1e-9));
        }
        SyntheticCurve curve = new SyntheticCurve(8);
        for (int i = 0; i < 40; i++) {
            log.step(curve.noisy(2.3, 0.02), 1.0, 1e-10, LayerStack.updating(3, 1, 1e-9));
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.paging()).doesNotContain(ID);
        assertThat(run.last("zero-gradients").symptoms()).contains(ID);
    }

    private static RunLog frozen(int steps, double ratio, double rate) {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(7);
        for (int i = 0; i < steps; i++) {
            log.step(curve.noisy(2.3, 0.02), 1.0, rate, LayerStack.updating(3, 1, ratio));
        }
        return log;
    }

    @Test
    void saysThatNothingWasLearned() {
        assertThat(WatchedRun.run(FaultyRuns.frozen()).last(ID).recovery().reason())
                .isEqualTo(Recovery.Reason.NOTHING_LEARNED);
    }
}

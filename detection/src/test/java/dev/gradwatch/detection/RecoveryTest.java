package dev.gradwatch.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.Recovery;
import dev.gradwatch.detection.alert.Recovery.Action;
import dev.gradwatch.detection.alert.Recovery.Reason;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.HealthyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How training goes on after a fault. */
class RecoveryTest {

    @Test
    void anOldWarningOfTheFirstLossDoesNotFreezeTheLastHealthyStep() {
        RunLog log = RunLog.of("r").started(HealthyRuns.tenClasses().build());
        SyntheticCurve curve = new SyntheticCurve(1);
        for (int i = 0; i < 3000; i++) {
            log.step(curve.noisy(SyntheticCurve.decay(20, 0.3, 300, i), 0.02), curve.noisy(1, 0.1));
        }
        WatchedRun run = WatchedRun.run(log.step(Double.NaN, 1.0));

        assertThat(run.first("unexpected-initial-loss").opened().step()).isLessThan(10);
        assertThat(run.last("non-finite-values").recovery())
                .isEqualTo(Recovery.goBackTo(2999, Reason.LEARNED_BEFORE_FAULT));
        assertThat(run.last("non-finite-values").lastHealthyStep()).isEqualTo(2999);
    }

    @Test
    void slowStepsDoNotFreezeTheLastHealthyStep() {
        RunLog log = FaultyRuns.all().get("slow-steps");
        assertThat(WatchedRun.run(log).last("slow-steps").state().isOpen()).isTrue();
        SyntheticCurve curve = new SyntheticCurve(2);
        for (int i = 0; i < 30; i++) {
            log.after(20).step(curve.noisy(0.5, 0.01), curve.noisy(1, 0.1));
        }
        long last = log.nextStep() - 1;
        WatchedRun run = WatchedRun.run(log.step(Double.NaN, 1.0));

        assertThat(run.last("slow-steps").state().isOpen()).isTrue();
        assertThat(run.last("non-finite-values").lastHealthyStep()).isEqualTo(last);
    }

    @Test
    void aFaultOfTheWeightsDoesFreezeIt() {
        RunLog log = FaultyRuns.exploding();
        WatchedRun run = WatchedRun.run(log.step(Double.NaN, 1.0));

        long warned = run.alerts().stream()
                .filter(alert -> alert.detector().equals("exploding-gradients")
                        && alert.severity().isPaging())
                .findFirst()
                .orElseThrow()
                .opened()
                .step();
        assertThat(run.last("non-finite-values").lastHealthyStep()).isEqualTo(warned - 1);
    }

    @Test
    void aFaultInTheFirstStepsLeavesNothingToGoBackTo() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 12).step(Double.NaN, 1.0);
        Alert alert = WatchedRun.run(log).last("non-finite-values");

        assertThat(alert.recovery().action()).isEqualTo(Action.START_AGAIN);
        assertThat(alert.lastHealthyStep()).isNull();
    }

    @Test
    void aRunThatKnowsNoStepsGoesBackToAnEpoch() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(3);
        for (int i = 0; i < 30; i++) {
            log.epoch(curve.noisy(SyntheticCurve.decay(2.3, 0.5, 10, i), 0.01), null);
        }
        Alert alert = WatchedRun.run(log.epoch(Double.NaN, null)).last("non-finite-values");

        assertThat(alert.recovery()).isEqualTo(Recovery.goBackToEpoch(30, Reason.LEARNED_BEFORE_FAULT));
    }

    @Test
    void everyFaultSaysHowToGoOn() {
        Map<String, Action> expected = Map.of(
                "silent-run", Action.CONTINUE,
                "slow-steps", Action.CONTINUE,
                "loss-spike", Action.CONTINUE,
                "exploding-gradients", Action.CONTINUE,
                "overfitting", Action.GO_BACK_TO_EPOCH,
                "loss-divergence", Action.GO_BACK_TO_STEP,
                "dead-layers", Action.GO_BACK_TO_STEP,
                "frozen-updates", Action.START_AGAIN,
                "no-generalization", Action.START_AGAIN,
                "unexpected-initial-loss", Action.START_AGAIN);
        expected.forEach(
                (detector, action) -> assertThat(WatchedRun.run(FaultyRuns.all().get(detector))
                                .first(detector)
                                .recovery()
                                .action())
                        .as(detector)
                        .isEqualTo(action));
    }

    @Test
    void aFirstLossThatWasOddIsForgivenOnceTheRunHasLearned() {
        RunLog log = FaultyRuns.unscaled().finished();
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.first("unexpected-initial-loss").recovery())
                .isEqualTo(Recovery.startAgain(Reason.FAULT_AT_START));
    }

    @Test
    void theStepThatWasNamedStays() {
        RunLog log = FaultyRuns.nonFinite();
        List<Alert> records = WatchedRun.run(log.finished()).of("non-finite-values");

        assertThat(records).hasSizeGreaterThan(1);
        assertThat(records).extracting(Alert::lastHealthyStep).containsOnly(119L);
        assertThat(records)
                .extracting(Alert::recovery)
                .containsOnly(Recovery.goBackTo(119, Reason.LEARNED_BEFORE_FAULT));
    }

    @Test
    void aPlaceBelongsToTheActionThatNeedsIt() {
        assertThatThrownBy(() -> new Recovery(Action.GO_BACK_TO_STEP, null, null, Reason.LOWEST_LOSS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("go-back-to-step");
        assertThatThrownBy(() -> new Recovery(Action.CONTINUE, 3L, null, Reason.MAY_PASS))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

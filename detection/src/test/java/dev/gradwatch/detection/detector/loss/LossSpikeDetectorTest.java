package dev.gradwatch.detection.detector.loss;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LossSpikeDetectorTest {

    private static final String ID = LossSpikeDetector.ID;

    @Test
    void warnsAtAJumpOfAMeanOverManySteps() {
        Alert alert = WatchedRun.run(FaultyRuns.spike()).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.WARNING);
        assertThat(alert.opened().step()).isEqualTo(800);
        assertThat(WatchedRun.evidence(alert, "observed")).isBetween(4.5, 5.5);
        assertThat(WatchedRun.evidence(alert, "threshold")).isBetween(2.5, 2.7);
        assertThat(alert.causes().get(0).code()).isEqualTo("corrupt-batch");
    }

    @Test
    void resolvesWhenTheLossIsBack() {
        Alert end = WatchedRun.run(FaultyRuns.spike()).last(ID);

        assertThat(end.state()).isEqualTo(AlertState.RESOLVED);
        assertThat(end.ended().step()).isEqualTo(810);
    }

    @Test
    void onlyNotesOneBadBatchWhereEveryStepIsLogged() {
        WatchedRun run = WatchedRun.run(dense(5));

        assertThat(run.first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(run.paging()).isEmpty();
    }

    @Test
    void warnsAtABatchThatIsTenTimesTooHigh() {
        assertThat(WatchedRun.run(dense(15)).first(ID).severity()).isEqualTo(Severity.WARNING);
    }

    @Test
    void warnsAtTheSecondBadBatchWithinFive() {
        WatchedRun run = WatchedRun.run(dense(4, 14));

        assertThat(run.last(ID).severity()).isEqualTo(Severity.WARNING);
        assertThat(run.last(ID).opened().step()).isEqualTo(102);
    }

    @Test
    void noiseThatTheRunHasAlwaysHadIsNoSpike() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 300; i++) {
            log.step(i % 12 == 11 ? 4.0 : 1 + 0.05 * (i % 3), 1.0);
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void warnsAtAJumpOfTheValidationLoss() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(2);
        for (int i = 0; i < 30; i++) {
            double train = curve.noisy(SyntheticCurve.decay(2, 1, 8, i), 0.01);
            log.epoch(train, i == 20 ? 5 * train : curve.noisy(1.1 * train, 0.02));
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.first(ID).opened().epoch()).isEqualTo(21);
        assertThat(run.first(ID).summary()).contains("validation loss jumped");
        assertThat(run.last(ID).state()).isEqualTo(AlertState.RESOLVED);
    }

    @Test
    void leavesLossesBelowZeroAlone() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 60; i++) {
            log.at(10L * i, 0).step(i == 40 ? 5.0 : -2 - 0.01 * (i % 5), 1.0);
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void obeysItsParameters() {
        assertThat(WatchedRun.run(FaultyRuns.spike(), Map.of(ID + ".ratio", 6.0))
                        .of(ID))
                .isEmpty();
        assertThat(WatchedRun.run(FaultyRuns.spike(), Map.of(ID + ".deviations", 500.0))
                        .of(ID))
                .isEmpty();
    }

    @Test
    void leavesTheStoryToANonFiniteLoss() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 0);
        for (int i = 0; i < 60; i++) {
            log.at(10L * i, 0).step(i == 30 ? Double.NaN : i == 33 ? 30 : SyntheticCurve.decay(3, 1, 20, i), 1.0);
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.paging()).containsExactly("non-finite-values");
        assertThat(run.of("non-finite-values").get(1).symptoms()).containsExactly(ID);
    }

    @Test
    void manySpikesAreOneStoryFromTheThirdOn() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(3);
        for (int i = 0; i < 400; i++) {
            double loss = SyntheticCurve.decay(9, 3, 40, i);
            boolean spike = i >= 90 && i < 200 && i % 12 == 0;
            log.epoch(curve.noisy(spike ? 5 * loss : loss, 0.01), null);
        }
        WatchedRun run = WatchedRun.run(log);

        List<Alert> opened = run.of(ID).stream()
                .filter(alert -> alert.state() == AlertState.OPENED)
                .toList();
        assertThat(opened).hasSize(3);
        assertThat(opened.get(2).summary()).contains("the 3rd time");
        assertThat(run.last(ID).id()).isEqualTo(opened.get(2).id());
        assertThat(run.last(ID).state()).isEqualTo(AlertState.RESOLVED);
        assertThat(run.last(ID).ended().epoch()).isEqualTo(193 + 32);
    }

    /** Every step, with jumps of the given sizes two steps apart from step 100 on. */
    @Test
    void onlyNotesASpikeThatCostsLittleOfWhatWasGained() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(8);
        for (int i = 0; i < 80; i++) {
            double loss = curve.noisy(SyntheticCurve.decay(1000, 30, 8, i), 0.05);
            log.epoch(i == 60 || i == 63 ? 4 * loss : loss, null);
        }

        assertThat(WatchedRun.run(log).first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(WatchedRun.run(log).paging()).isEmpty();
    }

    private static RunLog dense(double... jumps) {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(1);
        for (int i = 0; i < 160; i++) {
            double loss = curve.noisy(SyntheticCurve.decay(3, 1, 30, i), 0.02);
            int jump = (i - 100) / 2;
            boolean bad = i >= 100 && i % 2 == 0 && jump < jumps.length;
            log.step(bad ? jumps[jump] * loss : loss, curve.noisy(1, 0.1));
        }
        return log;
    }
}

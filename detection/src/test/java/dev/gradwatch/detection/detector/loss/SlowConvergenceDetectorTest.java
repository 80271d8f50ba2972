package dev.gradwatch.detection.detector.loss;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.LayerStack;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SlowConvergenceDetectorTest {

    private static final String ID = SlowConvergenceDetector.ID;

    @Test
    void warnsWhereTheUpdatesAreTiny() {
        Alert alert = WatchedRun.run(FaultyRuns.slow()).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.WARNING);
        assertThat(alert.opened().epoch()).isBetween(5.0, 8.0);
        assertThat(alert.summary()).contains("falls, but slowly");
        assertThat(WatchedRun.evidence(alert, "observed")).isBetween(0.02, 0.06);
        assertThat(WatchedRun.evidence(alert, "threshold")).isEqualTo(0.1);
        assertThat(alert.causes().get(0).code()).isEqualTo("learning-rate-too-low");
        assertThat(alert.causes().get(0).remedy()).contains("from 5e-5");
    }

    @Test
    void onlyNotesItWhereNothingPointsToTheRate() {
        WatchedRun run = WatchedRun.run(falling(0.07, RunStarted.builder().plannedEpochs(12), 1e-3));

        assertThat(run.first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(run.paging()).isEmpty();
    }

    @Test
    void staysQuietForARunThatArrives() {
        assertThat(fires(falling(0.25, RunStarted.builder().plannedEpochs(12), 2e-5)))
                .isFalse();
    }

    @Test
    void staysQuietWhereThePlanLeavesTime() {
        assertThat(fires(falling(0.07, RunStarted.builder().plannedEpochs(60), 2e-5)))
                .isFalse();
        assertThat(fires(falling(0.07, RunStarted.builder().plannedSteps(2400L), 2e-5)))
                .isFalse();
    }

    @Test
    void staysQuietForRunsThatBeganElsewhere() {
        assertThat(fires(falling(0.07, RunStarted.builder().plannedEpochs(12).pretrained(true), 2e-5)))
                .isFalse();
        assertThat(fires(falling(0.07, RunStarted.builder().plannedEpochs(12).resumed(true), 2e-5)))
                .isFalse();
    }

    @Test
    void staysQuietWhereSlowIsNormal() {
        for (String profile : List.of("language-model", "adversarial", "reinforcement")) {
            assertThat(fires(
                            falling(0.07, RunStarted.builder().plannedEpochs(12).profile(profile), 2e-5)))
                    .as(profile)
                    .isFalse();
        }
    }

    @Test
    void staysQuietDuringWarmup() {
        RunLog log =
                RunLog.of("r").started(RunStarted.builder().plannedEpochs(12).build());
        SyntheticCurve curve = new SyntheticCurve(12);
        for (int i = 0; i < 480; i++) {
            double loss = curve.noisy(2 - 0.14 * i / 480, 0.004);
            log.at(i, (i + 1) / 40.0).step(loss, 1.0, 1e-8 * (i + 1), LayerStack.updating(3, 1, 2e-5));
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void endsWhenTheLossGetsGoing() {
        RunLog log = FaultyRuns.slow();
        SyntheticCurve curve = new SyntheticCurve(13);
        for (int i = 480; i < 960; i++) {
            log.at(i, (i + 1) / 40.0)
                    .step(
                            curve.noisy(SyntheticCurve.decay(1.86, 0.3, 150, i - 480), 0.004),
                            1.0,
                            1e-3,
                            LayerStack.updating(3, 1, 1e-3));
        }

        assertThat(WatchedRun.run(log).last(ID).state().isOpen()).isFalse();
    }

    @Test
    void obeysItsParameters() {
        assertThat(fires("gain", 0.01)).isFalse();
        assertThat(fires("low-ratio", 1e-6)).isFalse();
        assertThat(fires("score", 10)).isFalse();
        assertThat(fires("least-records", 600)).isFalse();
    }

    @Test
    void standsBehindFrozenUpdates() {
        RunLog log = falling(0.07, RunStarted.builder().plannedEpochs(12), 1e-9);
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.paging()).doesNotContain(ID);
        assertThat(run.last("frozen-updates").symptoms()).contains(ID);
    }

    /** Twelve epochs of forty steps that gain a share of the loss, and updates of a share of the weights. */
    private static RunLog falling(double gain, RunStarted.Builder started, double ratio) {
        SyntheticCurve curve = new SyntheticCurve(12);
        RunLog log = RunLog.of("r").started(started.build());
        for (int i = 0; i < 480; i++) {
            double loss = curve.noisy(2 * (1 - gain * i / 480), 0.004);
            log.at(i, (i + 1) / 40.0).step(loss, 1.0, 5e-5, LayerStack.updating(3, 1, ratio));
        }
        return log;
    }

    private static boolean fires(RunLog log) {
        return !WatchedRun.run(log).of(ID).isEmpty();
    }

    private static boolean fires(String parameter, double value) {
        return WatchedRun.run(FaultyRuns.slow(), Map.of(ID + "." + parameter, value))
                .paging()
                .contains(ID);
    }
}

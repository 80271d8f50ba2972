package dev.gradwatch.detection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Recovery;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.LayerStack;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlertLifecycleTest {

    @Test
    void aNoteThatBecomesAWarningIsSupersededByIt() {
        List<Alert> alerts = WatchedRun.run(FaultyRuns.exploding()).of("exploding-gradients");

        assertThat(alerts)
                .extracting(Alert::state)
                .containsExactly(AlertState.OPENED, AlertState.SUPERSEDED, AlertState.OPENED);
        assertThat(alerts.get(1).id()).isEqualTo(alerts.get(0).id());
        assertThat(alerts.get(1).supersededBy()).isEqualTo(alerts.get(2).id());
        assertThat(alerts.get(2).supersedes()).containsExactly(alerts.get(0).id());
        assertThat(alerts.get(2).symptoms()).isEmpty();
        assertThat(alerts.get(2).id()).isNotEqualTo(alerts.get(0).id());
        assertThat(alerts.get(2).opened().step()).isEqualTo(100);
    }

    @Test
    void aWarningThatBecomesCriticalIsTheSameAlert() {
        List<Alert> alerts = WatchedRun.run(FaultyRuns.divergence()).of("loss-divergence");

        assertThat(alerts).extracting(Alert::state).startsWith(AlertState.OPENED, AlertState.ESCALATED);
        assertThat(alerts).extracting(Alert::id).containsOnly(alerts.get(0).id());
        assertThat(alerts).extracting(Alert::opened).containsOnly(alerts.get(0).opened());
        assertThat(alerts.get(1).revision()).isEqualTo(2);
    }

    @Test
    void anOpenAlertIsRepeatedEveryHalfHourOfEventTimeAtMost() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 200; i++) {
            log.after(59).step(Double.NaN, 1.0);
        }
        List<Alert> alerts = WatchedRun.run(log).of("non-finite-values");

        assertThat(alerts).hasSize(1 + 6);
        for (int i = 1; i < alerts.size(); i++) {
            assertThat(alerts.get(i).state()).isEqualTo(AlertState.UPDATED);
            assertThat(alerts.get(i).updated().timeMillis()
                            - alerts.get(i - 1).updated().timeMillis())
                    .isEqualTo(30 * 60 * 1000L);
        }
    }

    @Test
    void everyAttemptHasAShareOfAlertsOfItsOwn() {
        RunLog attempts = RunLog.of("r");
        for (int i = 0; i < 60; i++) {
            attempts.started(RunStarted.builder().learningRate(1e-9).build());
            attempts.step(1.0, 1.0).attempt(0, 0);
        }
        attempts.step(Double.NaN, 1.0);
        WatchedRun run = WatchedRun.run(attempts);

        assertThat(run.opened())
                .filteredOn(detector -> detector.equals("suspicious-settings"))
                .hasSize(60);
        assertThat(run.last("non-finite-values").severity()).isEqualTo(Severity.CRITICAL);
        assertThat(run.watch().snapshot(run.state()).alertsHeldBack()).isZero();
    }

    @Test
    void anAlertThatOpenedFirstIsSupersededByAStrongerOneThatExplainsIt() {
        RunLog log = FaultyRuns.divergence();
        for (int i = 0; i < 5; i++) {
            log.step(Double.NaN, 1.0);
        }
        WatchedRun run = WatchedRun.run(log);

        Alert weaker = run.last("loss-divergence");
        Alert stronger = run.first("non-finite-values");
        assertThat(weaker.state()).isEqualTo(AlertState.SUPERSEDED);
        assertThat(weaker.supersededBy()).isEqualTo(stronger.id());
        assertThat(weaker.ended()).isEqualTo(stronger.opened());
        assertThat(stronger.supersedes()).containsExactly(weaker.id());
        assertThat(stronger.symptoms()).contains("loss-divergence");
        assertThat(run.state().alerts().open())
                .extracting(open -> open.last().detector())
                .containsExactly("non-finite-values");
    }

    @Test
    void aStopThatWasRecommendedGoesOverToTheAlertThatTakesOver() {
        RunLog log = RunLog.of("r").started(stopOn(List.of("loss-divergence")));
        FaultyRuns.divergence().records().forEach(record -> log.add(record.event()));
        WatchedRun before = WatchedRun.run(log);
        assertThat(before.last("loss-divergence").stopRecommended()).isTrue();

        WatchedRun after = WatchedRun.run(log.at(400, 0).step(Double.NaN, 1.0));

        assertThat(after.last("loss-divergence").stopRecommended()).isFalse();
        assertThat(after.last("non-finite-values").stopRecommended()).isTrue();
    }

    @Test
    void aDivergenceThatEndsInADeadNetworkHasNotRecovered() {
        WatchedRun run = WatchedRun.run(blownUpThenDead(200));

        assertThat(run.of("loss-divergence"))
                .extracting(Alert::state)
                .doesNotContain(AlertState.RESOLVED)
                .last()
                .isEqualTo(AlertState.SUPERSEDED);
        Alert dead = run.last("zero-gradients");
        assertThat(run.last("loss-divergence").supersededBy()).isEqualTo(dead.id());
        assertThat(dead.state().isOpen()).isTrue();
        assertThat(dead.symptoms()).contains("loss-divergence");
    }

    @Test
    void aDivergenceThatRecoversIsResolved() {
        RunLog log = blownUp();
        SyntheticCurve curve = new SyntheticCurve(12);
        for (int i = 0; i < 200; i++) {
            log.step(curve.noisy(SyntheticCurve.decay(2.3, 0.5, 50, i), 0.02), curve.noisy(1, 0.1));
        }
        Alert last = WatchedRun.run(log).last("loss-divergence");

        assertThat(last.state()).isEqualTo(AlertState.RESOLVED);
        assertThat(last.recovery()).isEqualTo(Recovery.goOn(Recovery.Reason.RECOVERED));
    }

    /** The first updates throw the loss up; the gradient is alive. */
    private static RunLog blownUp() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(11);
        for (int i = 0; i < 20; i++) {
            log.step(i < 2 ? 2.3 : 100 + i, curve.noisy(1, 0.1));
        }
        return log;
    }

    /** Then the network is dead, and its loss is what a constant answer costs. */
    private static RunLog blownUpThenDead(int steps) {
        RunLog log = blownUp();
        SyntheticCurve curve = new SyntheticCurve(13);
        for (int i = 0; i < steps; i++) {
            log.step(curve.noisy(2.31, 0.01), 0.0);
        }
        return log;
    }

    @Test
    void idsDependOnTheRunItsAttemptAndThePlaceAlone() {
        String id =
                WatchedRun.run(FaultyRuns.constant()).first("constant-metrics").id();

        assertThat(WatchedRun.run(FaultyRuns.constant())
                        .first("constant-metrics")
                        .id())
                .isEqualTo(id);
        assertThat(constant("constant").id()).isEqualTo(id);
        assertThat(constant("another").id()).isNotEqualTo(id);
        RunLog second = RunLog.of("constant").attempt(0, 0);
        for (int i = 0; i < 10; i++) {
            second.step(0.6931471805599453, 1.0);
        }
        assertThat(WatchedRun.run(second).first("constant-metrics").id()).isNotEqualTo(id);
    }

    private static Alert constant(String runId) {
        RunLog log = RunLog.of(runId).after(77);
        for (int i = 0; i < 10; i++) {
            log.step(0.6931471805599453, 3.0);
        }
        return WatchedRun.run(log).first("constant-metrics");
    }

    @Test
    void recommendsToStopOnlyAConfirmedCriticalFaultThatTheRunAllowsFor() {
        WatchedRun run = WatchedRun.run(nan(List.of("non-finite-values"), 2));

        assertThat(run.first("non-finite-values").stopRecommended()).isFalse();
        Alert confirmed = run.of("non-finite-values").get(1);
        assertThat(confirmed.state()).isEqualTo(AlertState.UPDATED);
        assertThat(confirmed.stopRecommended()).isTrue();
        assertThat(confirmed.lastHealthyStep()).isEqualTo(49);
    }

    @Test
    void neverRecommendsToStopARunThatDoesNotAllowIt() {
        assertThat(WatchedRun.run(nan(List.of(), 30)).alerts()).noneMatch(Alert::stopRecommended);
        assertThat(WatchedRun.run(nan(List.of("zero-gradients"), 30)).alerts()).noneMatch(Alert::stopRecommended);
    }

    @Test
    void neverRecommendsToStopForAFaultThatMayMend() {
        RunLog log = RunLog.of("r")
                .started(RunStarted.builder()
                        .stopOn(List.of("loss-plateau", "loss-spike", "overfitting", "exploding-gradients"))
                        .build());
        SyntheticCurve curve = new SyntheticCurve(1);
        for (int i = 0; i < 300; i++) {
            log.after(60).step(curve.noisy(2.3, 0.02), i % 20 == 19 ? 500 : curve.noisy(1, 0.1));
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.paging()).contains("loss-plateau", "exploding-gradients");
        assertThat(run.alerts()).noneMatch(Alert::stopRecommended);
    }

    @Test
    void neverRecommendsToStopDuringWarmup() {
        RunLog log = RunLog.of("r").started(stopOn(List.of("non-finite-values")));
        for (int i = 0; i < 60; i++) {
            log.step(i < 50 ? 2 - 0.01 * i : Double.NaN, 1.0, 1e-6 * (i + 1), List.of());
        }

        assertThat(WatchedRun.run(log).alerts()).isNotEmpty().noneMatch(Alert::stopRecommended);
    }

    @Test
    void anEndedAlertRecommendsNothing() {
        WatchedRun run = WatchedRun.run(nan(List.of("non-finite-values"), 5).finished());

        assertThat(run.last("non-finite-values").state()).isEqualTo(AlertState.CLOSED);
        assertThat(run.last("non-finite-values").stopRecommended()).isFalse();
    }

    @Test
    void aWeakerSymptomStandsBehindTheStrongerAlert() {
        RunLog log = FaultyRuns.zeroGradients();
        for (int i = 0; i < 110; i++) {
            log.step(1.9, 0.0);
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.opened()).containsExactly("zero-gradients");
        Alert last = run.last("zero-gradients");
        assertThat(last.symptoms()).containsExactly("constant-metrics");
        assertThat(last.severity()).isEqualTo(Severity.CRITICAL);
    }

    @Test
    void aSymptomIsAddedOnce() {
        RunLog log = FaultyRuns.zeroGradients();
        for (int i = 0; i < 300; i++) {
            log.step(1.9, 0.0);
        }

        assertThat(WatchedRun.run(log).of("zero-gradients").stream()
                        .filter(alert -> alert.state() == AlertState.UPDATED))
                .hasSize(1);
    }

    @Test
    void namesTheLastHealthyStepAndTheBestEpoch() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 20).epoch(1.5, 1.4);
        log = FaultyRuns.learning(log, 20).epoch(1.2, 1.6).step(Double.NaN, 1.0);
        Alert alert = WatchedRun.run(log).first("non-finite-values");

        assertThat(alert.lastHealthyStep()).isEqualTo(39);
        assertThat(alert.bestEpoch()).isEqualTo(1);
    }

    @Test
    void saysSoWhenAnotherCauseBecomesTheMostProbableOne() {
        List<Alert> alerts = WatchedRun.run(flipping(2)).of("frozen-updates");

        assertThat(alerts).extracting(Alert::state).containsExactly(AlertState.OPENED, AlertState.UPDATED);
        assertThat(alerts.get(0).causes().get(0).code()).isEqualTo("learning-rate-too-low");
        assertThat(alerts.get(1).causes().get(0).code()).isEqualTo("optimizer-not-stepping");
        assertThat(alerts.get(1).revision()).isEqualTo(2);
        assertThat(alerts.get(1).summary()).isEqualTo(alerts.get(0).summary());
        assertThat(alerts.get(1).updated().epoch()).isEqualTo(2);
    }

    @Test
    void changesItsMindInTwentyRecordsAtMost() {
        List<Alert> alerts = WatchedRun.run(flipping(60)).of("frozen-updates");

        assertThat(alerts).hasSize(20);
        assertThat(alerts.get(19).revision()).isEqualTo(20);
    }

    @Test
    void looksAtADiagnosisAnewWithoutEpochsToo() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(4);
        for (int i = 0; i < 130; i++) {
            log.step(curve.noisy(2.3, 0.05), 1.0, null, LayerStack.updating(3, 1, i < 40 ? 1e-9 : 0));
        }
        List<Alert> alerts = WatchedRun.run(log).of("frozen-updates");

        assertThat(alerts.get(1).updated().step()).isEqualTo(63);
        assertThat(alerts.get(1).causes().get(0).code()).isEqualTo("optimizer-not-stepping");
    }

    /** Epochs of thirty steps in which updates are tiny and exactly zero by turns. */
    private static RunLog flipping(int epochs) {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(4);
        for (int epoch = 0; epoch < epochs; epoch++) {
            for (int i = 0; i < 30; i++) {
                log.step(curve.noisy(2.3, 0.05), 1.0, null, LayerStack.updating(3, 1, epoch % 2 == 0 ? 1e-9 : 0));
            }
            log.epoch(null, null, null, 0.1, null);
        }
        return log;
    }

    private static RunStarted stopOn(List<String> detectors) {
        return RunStarted.builder().stopOn(detectors).build();
    }

    private static RunLog nan(List<String> stopOn, int times) {
        RunLog log = FaultyRuns.learning(RunLog.of("r").started(stopOn(stopOn)), 50);
        for (int i = 0; i < times; i++) {
            log.step(Double.NaN, 1.0);
        }
        return log;
    }
}

package dev.gradwatch.detection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.RunSnapshot.Phase;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.Heartbeat;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.HealthyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.WatchedRun;
import dev.gradwatch.detection.state.RunProgress.Freshness;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.state.RunStateCodec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunWatchTest {

    private final RunStateCodec codec = new RunStateCodec();

    @Test
    void duplicatesAreCountedAndChangeNothing() {
        List<RunRecord> records = HealthyRuns.classifier(0).records();
        WatchedRun straight = WatchedRun.run(records);
        WatchedRun repeated = WatchedRun.run(List.of());
        int duplicates = 0;
        for (RunRecord record : records) {
            repeated.apply(record);
            ApplyResult again = repeated.apply(record);
            assertThat(again.applied()).isZero();
            duplicates += again.duplicates();
        }

        assertThat(duplicates).isEqualTo(records.size());
        assertThat(repeated.state().progress().duplicates()).isEqualTo(duplicates);
        assertThat(repeated.alerts()).isEqualTo(straight.alerts());
        assertThat(repeated.state().progress().events())
                .isEqualTo(straight.state().progress().events());
    }

    @Test
    void aRepeatedOrLateRecordChangesNothingButItsCounter() {
        List<RunRecord> records = FaultyRuns.deadLayers().records();
        WatchedRun run = WatchedRun.run(records);
        RunState before = codec.decode(codec.encode(run.state()));

        run.apply(records.get(records.size() - 1));
        before.progress().countIgnored(Freshness.DUPLICATE);
        assertThat(codec.encode(run.state())).isEqualTo(codec.encode(before));

        run.apply(records.get(3));
        before.progress().countIgnored(Freshness.STALE);
        assertThat(codec.encode(run.state())).isEqualTo(codec.encode(before));
    }

    @Test
    void stepsThatComeLateAreStale() {
        WatchedRun run = WatchedRun.run(HealthyRuns.sparseLog(0));
        RunRecord late = RunLog.of("any").at(55, 0).step(99.0, 1.0).records().get(0);

        assertThat(run.apply(late)).isEqualTo(new ApplyResult(0, 0, 1));
    }

    @Test
    void countsTheStepsOfOneRecordOneByOne() {
        WatchedRun run = WatchedRun.run(RunLog.of("any").at(5, 0).step(1.0, 1.0));
        List<StepNorms> steps = new ArrayList<>();
        for (long step : new long[] {3, 5, 6, 7, 7}) {
            steps.add(new StepNorms(step, null, null, 1.0, 1.0, null, List.of()));
        }

        assertThat(run.apply(new RunRecord("any", 1, RunLog.BEGIN_MILLIS, new GradientNorms(steps))))
                .isEqualTo(new ApplyResult(2, 2, 1));
    }

    @Test
    void anEpochThatBringsValidationLaterIsNoDuplicate() {
        WatchedRun run = WatchedRun.run(RunLog.of("any").epoch(1.0, null));
        RunRecord second = RunLog.of("any").epoch(null, 1.5).records().get(0);

        assertThat(run.apply(second)).isEqualTo(ApplyResult.ONE);
        assertThat(run.apply(second)).isEqualTo(ApplyResult.DUPLICATE);
        assertThat(run.watch().snapshot(run.state()).validationLoss()).isEqualTo(1.5);
    }

    @Test
    void aNewAttemptClosesAlertsAndStartsNewBaselines() {
        RunLog log = FaultyRuns.nonFinite();
        RunRecord old = log.records().get(10);
        log.attempt(100, 0);
        WatchedRun run = WatchedRun.run(FaultyRuns.learning(log, 60));

        Alert closed = run.last("non-finite-values");
        assertThat(closed.state()).isEqualTo(AlertState.CLOSED);
        assertThat(closed.attempt()).isEqualTo(1);
        assertThat(run.opened()).hasSize(1);
        assertThat(run.state().progress().attempt()).isEqualTo(2);
        assertThat(run.state().loss().size()).isEqualTo(60);
        assertThat(run.state().progress().records()).isEqualTo(60);
        assertThat(run.apply(old)).isEqualTo(ApplyResult.STALE);
    }

    @Test
    void theRegistrationOutlivesAnAttempt() {
        RunLog log = RunLog.of("any")
                .started(HealthyRuns.tenClasses().name("bert").build())
                .step(2.3, 1.0);
        log.attempt(0, 0).step(2.3, 1.0);
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.watch().snapshot(run.state()).registration().name()).isEqualTo("bert");
    }

    @Test
    void aFinishedRunHasNoOpenAlerts() {
        WatchedRun run = WatchedRun.run(FaultyRuns.nonFinite().finished());

        assertThat(run.last("non-finite-values").state()).isEqualTo(AlertState.CLOSED);
        assertThat(run.last("non-finite-values").ended().step()).isEqualTo(159);
        RunSnapshot snapshot = run.watch().snapshot(run.state());
        assertThat(snapshot.phase()).isEqualTo(Phase.FINISHED);
        assertThat(snapshot.openAlerts()).isEmpty();
    }

    @Test
    void aFinishedRunThatGoesOnIsTrainingAgain() {
        WatchedRun run =
                WatchedRun.run(RunLog.of("any").step(1.0, 1.0).finished().step(0.9, 1.0));

        assertThat(run.watch().snapshot(run.state()).phase()).isEqualTo(Phase.TRAINING);
    }

    @Test
    void heartbeatsAfterTheEndAreStale() {
        WatchedRun run = WatchedRun.run(RunLog.of("any").step(1.0, 1.0).finished());
        RunRecord heartbeat =
                RunLog.of("any").add(new Heartbeat(null, null)).records().get(0);

        assertThat(run.apply(heartbeat)).isEqualTo(ApplyResult.STALE);
        assertThat(run.apply(RunLog.of("any").finished().records().get(0))).isEqualTo(ApplyResult.DUPLICATE);
    }

    @Test
    void aSnapshotSaysWhatIsKnown() {
        WatchedRun run =
                WatchedRun.run(RunLog.of("any").started(RunStarted.builder().build()));
        assertThat(run.watch().snapshot(run.state()).phase()).isEqualTo(Phase.REGISTERED);

        WatchedRun trained = WatchedRun.run(RunLog.of("any")
                .step(2.0, 0.7, 1e-3, List.of())
                .epoch(1.5, 1.8, null, null, 1e-3)
                .step(1.2, 0.6, 1e-4, List.of()));
        RunSnapshot snapshot = trained.watch().snapshot(trained.state());
        assertThat(snapshot.phase()).isEqualTo(Phase.TRAINING);
        assertThat(snapshot.trainLoss()).isEqualTo(1.2);
        assertThat(snapshot.validationLoss()).isEqualTo(1.8);
        assertThat(snapshot.bestValidationLoss()).isEqualTo(1.8);
        assertThat(snapshot.bestEpoch()).isEqualTo(1.0);
        assertThat(snapshot.gradientNorm()).isEqualTo(0.6);
        assertThat(snapshot.learningRate()).isEqualTo(1e-4);
        assertThat(snapshot.at().step()).isEqualTo(1);
        assertThat(snapshot.events()).isEqualTo(3);
        assertThat(snapshot.missingEvidence()).anyMatch(missing -> missing.startsWith("layers:"));
    }

    @Test
    void aSnapshotListsOpenAlerts() {
        WatchedRun run = WatchedRun.run(FaultyRuns.constant());
        RunSnapshot.AlertSummary open =
                run.watch().snapshot(run.state()).openAlerts().get(0);

        assertThat(open.detector()).isEqualTo("constant-metrics");
        assertThat(open.id()).isEqualTo(run.first("constant-metrics").id());
        assertThat(open.opened().step()).isEqualTo(7);
    }

    @Test
    void aRegistrationThatDiffersInItsLayersAloneIsNew() {
        WatchedRun run = WatchedRun.run(List.of());
        RunLog log = RunLog.of("any")
                .started(HealthyRuns.tenClasses().build())
                .started(HealthyRuns.tenClasses()
                        .layers(List.of(new RunStarted.LayerDescription("dense", 100L, true)))
                        .build());

        assertThat(run.apply(log.records().get(0))).isEqualTo(ApplyResult.ONE);
        assertThat(run.apply(log.records().get(1))).isEqualTo(ApplyResult.ONE);
        assertThat(run.apply(log.records().get(1))).isEqualTo(ApplyResult.DUPLICATE);
        assertThat(run.state().layers().get(0).isFrozen()).isTrue();
    }
}

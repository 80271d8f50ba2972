package dev.gradwatch.detection.detector.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.RunSnapshot.Phase;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.Heartbeat;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SilentRunDetectorTest {

    private static final String ID = SilentRunDetector.ID;

    @Test
    void warnsAfterTwoMinutesAndIsCriticalAfterSix() {
        WatchedRun run = WatchedRun.run(FaultyRuns.silent());

        assertThat(run.first(ID).severity()).isEqualTo(Severity.WARNING);
        assertThat(run.first(ID).opened().step()).isEqualTo(49);
        assertThat(WatchedRun.evidence(run.first(ID), "observed")).isEqualTo(130);
        assertThat(WatchedRun.evidence(run.first(ID), "threshold")).isEqualTo(120);
        assertThat(run.of(ID).get(1).state()).isEqualTo(AlertState.ESCALATED);
        assertThat(run.of(ID).get(1).severity()).isEqualTo(Severity.CRITICAL);
        assertThat(run.first(ID).causes().get(0).code()).isEqualTo("infrastructure-fault");
        assertThat(run.watch().snapshot(run.state()).phase()).isEqualTo(Phase.SILENT);
    }

    @Test
    void shorterSilenceIsNothing() {
        assertThat(WatchedRun.run(steps(50, 1).silence(119)).of(ID)).isEmpty();
    }

    @Test
    void waitsTenTimesTheUsualGap() {
        WatchedRun run = WatchedRun.run(steps(60, 60).silence(590));

        assertThat(run.of(ID)).isEmpty();
        assertThat(run.watch().silenceLimitMillis(run.state())).isEqualTo(610_000);
        assertThat(WatchedRun.run(steps(60, 60).silence(611)).of(ID)).isNotEmpty();
    }

    @Test
    void waitsHalfAnHourWhileTheHabitIsNotKnown() {
        WatchedRun run = WatchedRun.run(steps(8, 1).silence(1799));

        assertThat(run.of(ID)).isEmpty();
        assertThat(run.watch().silenceLimitMillis(run.state())).isEqualTo(1_800_000);
        assertThat(WatchedRun.run(steps(8, 1).silence(1800)).of(ID)).isNotEmpty();
    }

    @Test
    void tellsARunThatNeverBeganToTrain() {
        RunLog log = RunLog.of("r").started(RunStarted.builder().build()).silence(1801);
        Alert alert = WatchedRun.run(log).first(ID);

        assertThat(alert.summary()).contains("registered 1801 s ago and has not trained a step");
        assertThat(alert.causes().get(0).code()).isEqualTo("launch-failure");
    }

    @Test
    void anyRecordEndsIt() {
        WatchedRun run = WatchedRun.run(FaultyRuns.silent().add(new Heartbeat(null, "evaluating")));

        assertThat(run.last(ID).state()).isEqualTo(AlertState.RESOLVED);
        assertThat(run.watch().snapshot(run.state()).phase()).isEqualTo(Phase.TRAINING);
    }

    @Test
    void aFinishedRunIsSilentByRight() {
        WatchedRun run = WatchedRun.run(steps(50, 1).finished().silence(1_000_000));

        assertThat(run.of(ID)).isEmpty();
        assertThat(run.watch().silenceLimitMillis(run.state())).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void saysWhenItWillHaveSomethingNewToSay() {
        WatchedRun run = WatchedRun.run(steps(50, 1));
        assertThat(run.watch().silenceLimitMillis(run.state())).isEqualTo(120_000);

        List<Long> after = FaultyRuns.silent().records().stream()
                .skip(50)
                .map(record -> {
                    run.apply(record);
                    return run.watch().silenceLimitMillis(run.state());
                })
                .toList();
        assertThat(after).containsExactly(360_000L, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    @Test
    void obeysItsParameters() {
        Map<String, Double> settings = Map.of(ID + ".least-seconds", 10.0, ID + ".critical-factor", 2.0);
        WatchedRun run = WatchedRun.run(steps(50, 1).silence(11).silence(21), settings);

        assertThat(run.of(ID)).extracting(Alert::severity).containsExactly(Severity.WARNING, Severity.CRITICAL);
    }

    /** Records at a steady pace, a second for the record itself. */
    private static RunLog steps(int count, int seconds) {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < count; i++) {
            log.after(seconds == 1 ? 0 : seconds).step(2 - 0.01 * i, 1.0);
        }
        return log;
    }
}

package dev.gradwatch.detection.detector.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExplodingGradientsDetectorTest {

    private static final String ID = ExplodingGradientsDetector.ID;

    @Test
    void notesTheFirstBurstAndWarnsAtTheSecond() {
        WatchedRun run = WatchedRun.run(FaultyRuns.exploding());

        assertThat(run.first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(run.first(ID).opened().step()).isEqualTo(80);
        Alert warning = run.last(ID);
        assertThat(warning.severity()).isEqualTo(Severity.WARNING);
        assertThat(warning.opened().step()).isEqualTo(100);
        assertThat(warning.id()).isNotEqualTo(run.first(ID).id());
        assertThat(WatchedRun.evidence(warning, "ratio")).isBetween(20.0, 45.0);
        assertThat(warning.causes().get(0).code()).isEqualTo("unstable-gradients");
    }

    @Test
    void warnsAtOneBurstOfAHundredTimes() {
        assertThat(WatchedRun.run(bursts(150, 150)).first(ID).severity()).isEqualTo(Severity.WARNING);
    }

    @Test
    void aNormThatFallsFromAHighStartAndComesBackIsNoBurst() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(4);
        for (int i = 0; i < 200; i++) {
            double norm = i < 12 ? 50 : i == 150 || i == 160 ? 60 : 1;
            log.step(curve.noisy(SyntheticCurve.decay(3, 1, 40, i), 0.02), curve.noisy(norm, 0.05));
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void staysQuietForNormsThatGrowSlowly() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 400; i++) {
            log.step(SyntheticCurve.decay(3, 1, 40, i), Math.exp(i / 60.0));
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void resolvesWhenTheBurstsAreFarBack() {
        WatchedRun run = WatchedRun.run(bursts(400, 30, 30));

        assertThat(run.last(ID).state()).isEqualTo(AlertState.RESOLVED);
        assertThat(run.last(ID).severity()).isEqualTo(Severity.WARNING);
        assertThat(run.last(ID).ended().step()).isEqualTo(84 + 128);
    }

    @Test
    void repeatsTheBurstsOwnNumbersHalfAnHourLater() {
        RunLog log = bursts(100, 30, 30);
        log.after(1800).step(1.0, 1.0);
        Alert update = WatchedRun.run(log).last(ID);

        assertThat(update.state()).isEqualTo(AlertState.UPDATED);
        assertThat(WatchedRun.evidence(update, "observed")).isGreaterThan(20);
        assertThat(update.summary()).doesNotContain("to 1,");
    }

    @Test
    void obeysItsParameters() {
        assertThat(WatchedRun.run(bursts(150, 30, 30), Map.of(ID + ".burst", 60.0))
                        .of(ID))
                .isEmpty();
        assertThat(WatchedRun.run(bursts(150, 30), Map.of(ID + ".huge", 20.0))
                        .first(ID)
                        .severity())
                .isEqualTo(Severity.WARNING);
    }

    @Test
    void leavesTheStoryToANonFiniteLoss() {
        RunLog log =
                FaultyRuns.learning(RunLog.of("r"), 60).step(Double.NaN, 1.0).step(1.5, 500.0);
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.opened()).containsExactly("non-finite-values");
        assertThat(run.last("non-finite-values").symptoms()).contains(ID);
    }

    @Test
    void neighboursAreOneBurst() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(5);
        for (int i = 0; i < 150; i++) {
            boolean burst = i == 80 || i == 81 || i == 82;
            log.step(curve.noisy(SyntheticCurve.decay(3, 1, 40, i), 0.02), curve.noisy(burst ? 30 : 1, 0.05));
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(run.paging()).isEmpty();
    }

    @Test
    void onlyNotesBurstsOfARunThatHasLearnedNearlyAll() {
        assertThat(late(0.05).paging()).isEmpty();
        assertThat(late(0.05).first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(late(1).paging()).containsExactly(ID);
    }

    @Test
    void onlyNotesBurstsThatAreClippedOnPurpose() {
        RunLog log =
                RunLog.of("r").started(RunStarted.builder().clipThreshold(1.0).build());
        SyntheticCurve curve = new SyntheticCurve(7);
        for (int i = 0; i < 150; i++) {
            log.step(
                    curve.noisy(SyntheticCurve.decay(3, 1, 40, i), 0.02),
                    curve.noisy(i == 80 || i == 100 ? 30 : 1, 0.1));
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(run.paging()).isEmpty();
    }

    /** Two bursts twenty steps apart, after the loss came down to a floor. */
    private static WatchedRun late(double floor) {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(6);
        for (int i = 0; i < 300; i++) {
            boolean burst = i == 250 || i == 270;
            log.step(curve.noisy(SyntheticCurve.decay(3, floor, 40, i), 0.02), curve.noisy(burst ? 30 : 1, 0.05));
        }
        return WatchedRun.run(log);
    }

    /** Bursts of the given sizes, four steps apart from step 80 on. */
    @Test
    void onlyNotesBurstsFarApart() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(31);
        for (int i = 0; i < 1000; i++) {
            double norm = curve.noisy(0.2, 0.1);
            log.step(curve.noisy(SyntheticCurve.decay(5, 2, 200, i), 0.01), i == 500 || i == 800 ? 13 * norm : norm);
        }

        assertThat(WatchedRun.run(log).paging()).isEmpty();
    }

    private static RunLog bursts(int steps, double... sizes) {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(7);
        for (int i = 0; i < steps; i++) {
            int burst = (i - 80) / 4;
            boolean bursts = i >= 80 && i % 4 == 0 && burst < sizes.length;
            log.step(
                    curve.noisy(SyntheticCurve.decay(3, 1, 40, i), 0.02), curve.noisy(bursts ? sizes[burst] : 1, 0.05));
        }
        return log;
    }
}

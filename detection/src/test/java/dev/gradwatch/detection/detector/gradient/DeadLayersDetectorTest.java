package dev.gradwatch.detection.detector.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.LayerStack;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeadLayersDetectorTest {

    private static final String ID = DeadLayersDetector.ID;

    @Test
    void warnsTenStepsAfterLayersDied() {
        Alert alert = WatchedRun.run(FaultyRuns.deadLayers()).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.WARNING);
        assertThat(alert.opened().step()).isEqualTo(89);
        assertThat(alert.summary()).contains("2 of 6 layers died").contains("layer1, layer2");
        assertThat(WatchedRun.evidence(alert, "observed")).isEqualTo(2);
        assertThat(WatchedRun.evidence(alert, "window")).isEqualTo(10);
        assertThat(alert.causes().get(0).code()).isEqualTo("dying-relu");
    }

    @Test
    void isCriticalWhenOnlyTheLastLayerLives() {
        Alert alert = WatchedRun.run(dying(0, 1, 2, 3, 4)).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(alert.summary()).contains("5 of 6 layers").contains("and 2 more");
    }

    @Test
    void onlyNotesLayersThatNeverLivedInARunThatLearns() {
        WatchedRun run = WatchedRun.run(neverAlive(true));

        assertThat(run.first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(run.paging()).isEmpty();
    }

    @Test
    void holdsLayersThatNeverLivedAgainstARunThatDoesNotLearn() {
        WatchedRun run = WatchedRun.run(neverAlive(false));

        assertThat(run.last(ID).severity()).isEqualTo(Severity.WARNING);
        assertThat(run.last(ID).opened().step()).isEqualTo(199);
        assertThat(run.last(ID).summary()).contains("never had a gradient, and the run does not learn");
    }

    @Test
    void layersFrozenOnPurposeNeverCount() {
        RunLog log = RunLog.of("r")
                .started(RunStarted.builder()
                        .layers(List.of(
                                new RunStarted.LayerDescription("layer0", 10L, true),
                                new RunStarted.LayerDescription("layer1", 10L, true)))
                        .build());

        assertThat(WatchedRun.run(steps(log, 100, 1, 0, 1)).of(ID)).isEmpty();
    }

    @Test
    void aLayerThatIsSparseByNatureIsNotDead() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 60; i++) {
            List<LayerNorms> layers = new ArrayList<>(LayerStack.healthy(4, 1));
            layers.set(0, new LayerNorms("embedding", 0.3, 0.9995, 50.0, 0.01));
            log.step(SyntheticCurve.decay(3, 1, 20, i), 1.0, null, layers);
        }

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void namesTheRightLayerWhereAStepLeavesSomeOut() {
        RunLog log = steps(RunLog.of("r"), 30, 1);
        for (int i = 0; i < 12; i++) {
            log.step(1.0, 1.0, null, LayerStack.withDead(6, 1, 3).subList(2, 6));
        }

        assertThat(WatchedRun.run(log).first(ID).summary()).contains("(layer3)");
    }

    @Test
    void resolvesWhenTheLayersLiveAgain() {
        WatchedRun run = WatchedRun.run(steps(FaultyRuns.deadLayers(), 40, 1));

        assertThat(run.last(ID).state()).isEqualTo(AlertState.RESOLVED);
        assertThat(run.last(ID).ended().step()).isEqualTo(179);
    }

    @Test
    void waitsAsLongAsItIsTold() {
        WatchedRun run = WatchedRun.run(FaultyRuns.deadLayers(), Map.of(ID + ".steps", 25.0));

        assertThat(run.first(ID).opened().step()).isEqualTo(104);
    }

    @Test
    void leavesTheStoryToZeroGradientsWhereNothingLearns() {
        RunLog log = steps(RunLog.of("r"), 30, 1);
        for (int i = 0; i < 30; i++) {
            log.step(1.3 - 0.001 * i, 0.0, null, LayerStack.withDead(6, 1, 0, 1, 2, 3, 4, 5));
        }

        assertThat(WatchedRun.run(log).opened()).containsExactly("zero-gradients");
    }

    private static RunLog dying(int... dead) {
        return steps(steps(RunLog.of("r"), 40, 1), 20, 1, dead);
    }

    /** Layer 0 has no gradient from the first step. */
    private static RunLog neverAlive(boolean learns) {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(5);
        for (int i = 0; i < 240; i++) {
            double loss = learns ? SyntheticCurve.decay(3, 1, 15, i) : 2.3;
            log.step(curve.noisy(loss, 0.01), 1.0, null, LayerStack.withDead(4, 1, 0));
        }
        return log;
    }

    private static RunLog steps(RunLog log, int count, double norm, int... dead) {
        SyntheticCurve curve = new SyntheticCurve(6);
        for (int i = 0; i < count; i++) {
            double loss = curve.noisy(SyntheticCurve.decay(2, 1.2, 15, (int) log.nextStep()), 0.02);
            log.step(loss, norm, null, LayerStack.withDead(6, norm, dead));
        }
        return log;
    }
}

package dev.gradwatch.detection.detector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.Curve;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.Stack;
import dev.gradwatch.detection.scenario.Watched;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeadLayersDetectorTest {

    private static final String ID = DeadLayersDetector.ID;

    @Test
    void warnsTenStepsAfterLayersDied() {
        Alert alert = Watched.run(FaultyRuns.deadLayers()).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.WARNING);
        assertThat(alert.opened().step()).isEqualTo(89);
        assertThat(alert.summary()).contains("2 of 6 layers died").contains("layer1, layer2");
        assertThat(Watched.evidence(alert, "observed")).isEqualTo(2);
        assertThat(Watched.evidence(alert, "window")).isEqualTo(10);
        assertThat(alert.causes().get(0).code()).isEqualTo("dying-relu");
    }

    @Test
    void isCriticalWhenOnlyTheLastLayerLives() {
        Alert alert = Watched.run(dying(0, 1, 2, 3, 4)).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(alert.summary()).contains("5 of 6 layers").contains("and 2 more");
    }

    @Test
    void onlyNotesLayersThatNeverLivedInARunThatLearns() {
        Watched run = Watched.run(neverAlive(true));

        assertThat(run.first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(run.loud()).isEmpty();
    }

    @Test
    void holdsLayersThatNeverLivedAgainstARunThatDoesNotLearn() {
        Watched run = Watched.run(neverAlive(false));

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

        assertThat(Watched.run(steps(log, 100, 1, 0, 1)).of(ID)).isEmpty();
    }

    @Test
    void aLayerThatIsSparseByNatureIsNotDead() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 60; i++) {
            List<LayerNorms> layers = new ArrayList<>(Stack.healthy(4, 1));
            layers.set(0, new LayerNorms("embedding", 0.3, 0.9995, 50.0, 0.01));
            log.step(Curve.decay(3, 1, 20, i), 1.0, null, layers);
        }

        assertThat(Watched.run(log).of(ID)).isEmpty();
    }

    @Test
    void namesTheRightLayerWhereAStepLeavesSomeOut() {
        RunLog log = steps(RunLog.of("r"), 30, 1);
        for (int i = 0; i < 12; i++) {
            log.step(1.0, 1.0, null, Stack.withDead(6, 1, 3).subList(2, 6));
        }

        assertThat(Watched.run(log).first(ID).summary()).contains("(layer3)");
    }

    @Test
    void resolvesWhenTheLayersLiveAgain() {
        Watched run = Watched.run(steps(FaultyRuns.deadLayers(), 40, 1));

        assertThat(run.last(ID).state()).isEqualTo(AlertState.RESOLVED);
        assertThat(run.last(ID).ended().step()).isEqualTo(179);
    }

    @Test
    void waitsAsLongAsItIsTold() {
        Watched run = Watched.run(FaultyRuns.deadLayers(), Map.of(ID + ".steps", 25.0));

        assertThat(run.first(ID).opened().step()).isEqualTo(104);
    }

    @Test
    void leavesTheStoryToZeroGradientsWhereNothingLearns() {
        RunLog log = steps(RunLog.of("r"), 30, 1);
        for (int i = 0; i < 30; i++) {
            log.step(1.3 - 0.001 * i, 0.0, null, Stack.withDead(6, 1, 0, 1, 2, 3, 4, 5));
        }

        assertThat(Watched.run(log).opened()).containsExactly("zero-gradients");
    }

    private static RunLog dying(int... dead) {
        return steps(steps(RunLog.of("r"), 40, 1), 20, 1, dead);
    }

    /** Layer 0 has no gradient from the first step. */
    private static RunLog neverAlive(boolean learns) {
        RunLog log = RunLog.of("r");
        Curve curve = new Curve(5);
        for (int i = 0; i < 240; i++) {
            double loss = learns ? Curve.decay(3, 1, 15, i) : 2.3;
            log.step(curve.noisy(loss, 0.01), 1.0, null, Stack.withDead(4, 1, 0));
        }
        return log;
    }

    private static RunLog steps(RunLog log, int count, double norm, int... dead) {
        Curve curve = new Curve(6);
        for (int i = 0; i < count; i++) {
            double loss = curve.noisy(Curve.decay(2, 1.2, 15, (int) log.nextStep()), 0.02);
            log.step(loss, norm, null, Stack.withDead(6, norm, dead));
        }
        return log;
    }
}

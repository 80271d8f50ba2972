package dev.gradwatch.detection.detector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.Stack;
import dev.gradwatch.detection.scenario.Watched;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NonFiniteValuesDetectorTest {

    private static final String ID = NonFiniteValuesDetector.ID;

    @Test
    void isCriticalAtTheFirstLossThatIsNotANumber() {
        Alert alert = Watched.run(FaultyRuns.nonFinite()).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(alert.opened().step()).isEqualTo(120);
        assertThat(alert.lastHealthyStep()).isEqualTo(119);
        assertThat(Watched.evidence(alert, "observed")).isNaN();
        assertThat(alert.summary()).contains("training loss is NaN");
    }

    @Test
    void isCriticalAtAnInfiniteValidationLoss() {
        Alert alert = Watched.run(RunLog.of("r").epoch(1.0, 1.0).epoch(0.9, Double.POSITIVE_INFINITY))
                .first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(alert.summary()).contains("validation loss is infinity");
    }

    @Test
    void namesTheFirstLayerThatIsNotFinite() {
        List<LayerNorms> layers = new ArrayList<>(Stack.healthy(5, 1));
        layers.set(2, new LayerNorms("block2", Double.POSITIVE_INFINITY, null, null, null));
        layers.set(4, new LayerNorms("head", Double.NaN, null, null, null));
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 10).step(1.0, 1.0, null, layers);
        Alert alert = Watched.run(log).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(alert.summary()).contains("layer block2 is infinity").contains("the loss is still finite");
        assertThat(Watched.evidence(alert, "layer-index")).isEqualTo(2);
    }

    @Test
    void takesOneNormWithAFiniteLossForLossScaling() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 40).step(1.4, Double.POSITIVE_INFINITY);
        Watched run = Watched.run(FaultyRuns.learning(log, 30));

        assertThat(run.first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(run.loud()).isEmpty();
    }

    @Test
    void warnsWhenTheNormIsNotFiniteAgain() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 40)
                .step(1.4, Double.POSITIVE_INFINITY)
                .step(1.4, 1.0)
                .step(1.4, Double.POSITIVE_INFINITY);
        Watched run = Watched.run(log);

        assertThat(run.last(ID).severity()).isEqualTo(Severity.WARNING);
        assertThat(run.last(ID).summary()).contains("for the second time");
        assertThat(run.last(ID).opened().step()).isEqualTo(42);
    }

    @Test
    void resolvesOnceTheRunHasBeenCleanForATenthOfItsLength() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 100).step(Double.NaN, 1.0);
        Alert end = Watched.run(FaultyRuns.learning(log, 60)).last(ID);

        assertThat(end.state()).isEqualTo(AlertState.RESOLVED);
        assertThat(end.ended().step()).isEqualTo(121);
    }

    @Test
    void waitsAsLongAsItIsTold() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 100).step(Double.NaN, 1.0);
        Watched run = Watched.run(FaultyRuns.learning(log, 60), Map.of(ID + ".clean-records", 50.0));

        assertThat(run.last(ID).ended().step()).isEqualTo(151);
    }

    @Test
    void staysQuietForHugeFiniteValues() {
        assertThat(Watched.run(RunLog.of("r").step(1e300, 1e300).step(1e-300, 1e-300))
                        .of(ID))
                .isEmpty();
    }
}

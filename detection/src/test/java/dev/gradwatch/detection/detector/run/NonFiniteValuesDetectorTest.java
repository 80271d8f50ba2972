package dev.gradwatch.detection.detector.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.LayerStack;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NonFiniteValuesDetectorTest {

    private static final String ID = NonFiniteValuesDetector.ID;

    @Test
    void isCriticalAtTheFirstLossThatIsNotANumber() {
        Alert alert = WatchedRun.run(FaultyRuns.nonFinite()).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(alert.opened().step()).isEqualTo(120);
        assertThat(alert.lastHealthyStep()).isEqualTo(119);
        assertThat(WatchedRun.evidence(alert, "observed")).isNaN();
        assertThat(alert.summary()).contains("training loss is NaN");
    }

    @Test
    void isCriticalAtAnInfiniteValidationLoss() {
        Alert alert = WatchedRun.run(RunLog.of("r").epoch(1.0, 1.0).epoch(0.9, Double.POSITIVE_INFINITY))
                .first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(alert.summary()).contains("validation loss is infinity");
    }

    @Test
    void namesTheFirstLayerThatIsNotFinite() {
        List<LayerNorms> layers = new ArrayList<>(LayerStack.healthy(5, 1));
        layers.set(2, new LayerNorms("block2", Double.POSITIVE_INFINITY, null, null, null));
        layers.set(4, new LayerNorms("head", Double.NaN, null, null, null));
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 10).step(1.0, 1.0, null, layers);
        Alert alert = WatchedRun.run(log).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.INFO);
        assertThat(alert.summary())
                .contains("gradient of layer block2 is infinity")
                .contains("the first layer where it is")
                .contains("the loss is finite");
    }

    @Test
    void takesOneNormWithAFiniteLossForLossScaling() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 40).step(1.4, Double.POSITIVE_INFINITY);
        WatchedRun run = WatchedRun.run(FaultyRuns.learning(log, 30));

        assertThat(run.first(ID).severity()).isEqualTo(Severity.INFO);
        assertThat(run.paging()).isEmpty();
    }

    @Test
    void warnsWhenTheNormIsNotFiniteAgain() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 40)
                .step(1.4, Double.POSITIVE_INFINITY)
                .step(1.4, 1.0)
                .step(1.4, Double.POSITIVE_INFINITY);
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.last(ID).severity()).isEqualTo(Severity.WARNING);
        assertThat(run.last(ID).summary()).contains("for the 2nd time");
        assertThat(run.last(ID).opened().step()).isEqualTo(42);
    }

    @Test
    void isCriticalWhenFiveStepsRunningAreNotFinite() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 40);
        for (int i = 0; i < 6; i++) {
            log.step(1.4, Double.NaN);
        }
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.of(ID))
                .filteredOn(alert -> alert.state() == AlertState.OPENED || alert.state() == AlertState.ESCALATED)
                .extracting(Alert::severity)
                .containsExactly(Severity.INFO, Severity.WARNING, Severity.CRITICAL);
        assertThat(run.last(ID).updated().step()).isEqualTo(44);
    }

    @Test
    void aFiniteNormBetweenBreaksTheRow() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 40);
        for (int i = 0; i < 20; i++) {
            log.step(1.4, i % 5 == 4 ? 1.0 : Double.NaN);
        }

        assertThat(WatchedRun.run(log).of(ID)).noneMatch(alert -> alert.severity() == Severity.CRITICAL);
    }

    @Test
    void expectsSingleOnesInHalfPrecision() {
        for (String precision : List.of("fp16", "16-mixed", "float16")) {
            assertThat(overflowing(precision).paging()).as(precision).isEmpty();
        }
        for (String precision : List.of("bf16-mixed", "32")) {
            assertThat(overflowing(precision).paging()).as(precision).containsExactly(ID);
        }
    }

    @Test
    void isCriticalInHalfPrecisionTooWhenNoStepGetsThrough() {
        RunLog log = RunLog.of("r")
                .started(RunStarted.builder().tags(Map.of("precision", "fp16")).build());
        for (int i = 0; i < 6; i++) {
            log.step(2.0, Double.POSITIVE_INFINITY);
        }

        assertThat(WatchedRun.run(log).last(ID).severity()).isEqualTo(Severity.CRITICAL);
    }

    @Test
    void namesLossScalingWhereTheRunComputesInHalfPrecision() {
        Alert alert = overflowing("fp16").first(ID);

        assertThat(alert.causes().get(0).code()).isEqualTo("mixed-precision-overflow");
        assertThat(alert.causes().get(0).evidenceFor()).contains("the run computes in half precision");
    }

    private static WatchedRun overflowing(String precision) {
        RunLog log = RunLog.of("r")
                .started(RunStarted.builder()
                        .tags(Map.of("mixed_precision", precision))
                        .build());
        FaultyRuns.learning(log, 40).step(1.4, Double.POSITIVE_INFINITY);
        FaultyRuns.learning(log, 15).step(1.2, Double.POSITIVE_INFINITY);
        return WatchedRun.run(FaultyRuns.learning(log, 10));
    }

    @Test
    void resolvesOnceTheRunHasBeenCleanForATenthOfItsLength() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 100).step(Double.NaN, 1.0);
        Alert end = WatchedRun.run(FaultyRuns.learning(log, 60)).last(ID);

        assertThat(end.state()).isEqualTo(AlertState.RESOLVED);
        assertThat(end.ended().step()).isEqualTo(121);
    }

    @Test
    void waitsAsLongAsItIsTold() {
        RunLog log = FaultyRuns.learning(RunLog.of("r"), 100).step(Double.NaN, 1.0);
        WatchedRun run = WatchedRun.run(FaultyRuns.learning(log, 60), Map.of(ID + ".clean-records", 50.0));

        assertThat(run.last(ID).ended().step()).isEqualTo(151);
    }

    @Test
    void staysQuietForHugeFiniteValues() {
        assertThat(WatchedRun.run(RunLog.of("r").step(1e300, 1e300).step(1e-300, 1e-300))
                        .of(ID))
                .isEmpty();
    }
}

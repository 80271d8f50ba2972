package dev.gradwatch.detection.detector.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.HealthyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuspiciousSettingsDetectorTest {

    private static final String ID = SuspiciousSettingsDetector.ID;

    @Test
    void notesARateThatIsMuchForTheOptimizerBeforeTheFirstStep() {
        Alert alert = WatchedRun.run(FaultyRuns.suspicious()).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.INFO);
        assertThat(alert.opened().step()).isNull();
        assertThat(alert.summary()).contains("learning rate is 0.5").contains("adam");
        assertThat(WatchedRun.evidence(alert, "observed")).isEqualTo(0.5);
        assertThat(alert.causes().get(0).code()).isEqualTo("learning-rate-too-high");
    }

    @ParameterizedTest
    @CsvSource({"adam,1e-7", "adam,0.05", "AdamW,0.1", "RMSprop,1.0", "lion,1e-7", "SGD,1e-6", "sgd,1.5"})
    void notesARateOutsideTheRangeOfTheOptimizersFamily(String optimizer, double rate) {
        assertThat(opened(RunStarted.builder().optimizer(optimizer).learningRate(rate)))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"adam,1e-6", "adam,3e-2", "adam,1e-3", "SGD,1.0", "sgd,1e-5", "SGD,0.1"})
    void staysQuietAtRatesThatLearn(String optimizer, double rate) {
        assertThat(opened(RunStarted.builder().optimizer(optimizer).learningRate(rate)))
                .isFalse();
    }

    @Test
    void pointsToTheRateThatIsTooLow() {
        Alert alert = alert(RunStarted.builder().optimizer("adam").learningRate(1e-10));

        assertThat(alert.causes().get(0).code()).isEqualTo("learning-rate-too-low");
        assertThat(alert.causes().get(0).remedy()).contains("from 1e-10");
    }

    @Test
    void speaksOfMostOptimizersWhereNoneIsNamed() {
        assertThat(alert(RunStarted.builder().learningRate(5.0)).summary()).contains("most optimizers");
    }

    @Test
    void notesABinaryLossOnSeveralClasses() {
        Alert alert = alert(RunStarted.builder()
                .classes(3)
                .loss("binary_crossentropy")
                .outputActivation("softmax")
                .learningRate(1e-3));

        assertThat(alert.summary()).contains("binary_crossentropy on 3 classes");
        assertThat(alert.causes().get(0).code()).isEqualTo("wrong-loss-or-output-activation");
    }

    @Test
    void takesSigmoidsForSeveralLabelsAtOnce() {
        assertThat(opened(RunStarted.builder()
                        .classes(20)
                        .loss("binary-crossentropy")
                        .outputActivation("sigmoid")))
                .isFalse();
        assertThat(opened(RunStarted.builder().classes(2).loss("binary_crossentropy")))
                .isFalse();
    }

    @Test
    void notesASoftmaxOverOneUnit() {
        Alert alert = alert(RunStarted.builder().outputActivation("softmax").outputUnits(1));

        assertThat(alert.summary()).contains("softmax over one unit");
        assertThat(alert.causes().get(0).code()).isEqualTo("wrong-loss-or-output-activation");
        assertThat(alert.causes().get(0).remedy()).contains("sigmoid");
    }

    @Test
    void staysQuietForARegistrationThatSaysNothing() {
        assertThat(opened(RunStarted.builder())).isFalse();
        assertThat(opened(HealthyRuns.tenClasses())).isFalse();
        assertThat(opened(RunStarted.builder().learningRate(Double.NaN))).isFalse();
    }

    @Test
    void speaksOnceInAnAttemptAndEndsWithIt() {
        RunLog log = RunLog.of("r")
                .started(HealthyRuns.tenClasses().learningRate(5.0).build())
                .started(HealthyRuns.tenClasses().learningRate(6.0).build())
                .attempt(0, 0)
                .started(HealthyRuns.tenClasses().learningRate(1e-3).build());

        assertThat(WatchedRun.run(log).of(ID))
                .extracting(Alert::state)
                .containsExactly(AlertState.OPENED, AlertState.CLOSED);
    }

    @Test
    void obeysItsParameters() {
        assertThat(opened(HealthyRuns.tenClasses(), "adaptive-low", 0.01)).isTrue();
        assertThat(opened(HealthyRuns.tenClasses(), "adaptive-high", 1e-4)).isTrue();
        RunStarted.Builder descent = RunStarted.builder().optimizer("sgd").learningRate(0.1);
        assertThat(opened(descent, "sgd-low", 0.5)).isTrue();
        assertThat(opened(descent, "sgd-high", 0.05)).isTrue();
    }

    private static boolean opened(RunStarted.Builder started) {
        return !WatchedRun.run(RunLog.of("r").started(started.build())).of(ID).isEmpty();
    }

    private static boolean opened(RunStarted.Builder started, String parameter, double value) {
        Map<String, Double> settings = Map.of(ID + "." + parameter, value);
        return !WatchedRun.run(RunLog.of("r").started(started.build()), settings)
                .of(ID)
                .isEmpty();
    }

    private static Alert alert(RunStarted.Builder started) {
        return WatchedRun.run(RunLog.of("r").started(started.build())).first(ID);
    }
}

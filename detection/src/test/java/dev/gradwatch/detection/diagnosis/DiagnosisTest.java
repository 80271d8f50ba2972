package dev.gradwatch.detection.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.alert.Recovery;
import dev.gradwatch.detection.alert.Recovery.Reason;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.HealthyRuns;
import dev.gradwatch.detection.scenario.LayerStack;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DiagnosisTest {

    static Stream<RunLog> faulty() {
        return FaultyRuns.all().values().stream();
    }

    @ParameterizedTest
    @MethodSource("faulty")
    void causesAreRankedKnownAndAddUpToOneAtMost(RunLog log) {
        Set<String> codes =
                Arrays.stream(CauseCode.values()).map(CauseCode::code).collect(Collectors.toSet());
        for (Alert alert : WatchedRun.run(log).alerts()) {
            List<ProbableCause> causes = alert.causes();
            assertThat(causes).isNotEmpty().hasSizeLessThanOrEqualTo(4);
            assertThat(causes)
                    .isSortedAccordingTo(Comparator.comparingDouble(ProbableCause::confidence)
                            .reversed());
            assertThat(causes.stream().mapToDouble(ProbableCause::confidence).sum())
                    .isBetween(0.0, 1.0);
            assertThat(causes).allSatisfy(cause -> {
                assertThat(codes).contains(cause.code());
                assertThat(cause.remedy()).isNotBlank();
            });
        }
    }

    @Test
    void zeroGradientsAfterAnImpossibleFirstLossAreUnscaledInputs() {
        RunLog log = RunLog.of("r").started(HealthyRuns.tenClasses().build());
        SyntheticCurve curve = new SyntheticCurve(1);
        for (int i = 0; i < 30; i++) {
            log.step(curve.noisy(100, 0.1), i < 10 ? 5.0 : 0.0);
        }
        ProbableCause first =
                WatchedRun.run(log).last("zero-gradients").causes().get(0);

        assertThat(first.code()).isEqualTo("unscaled-inputs");
        assertThat(first.evidenceFor()).anyMatch(words -> words.contains("10 classes start near 2.30"));
        assertThat(first.confidence()).isGreaterThan(0.5);
    }

    @Test
    void zeroGradientsAfterAPlausibleFirstLossAreNot() {
        RunLog log = RunLog.of("r").started(HealthyRuns.tenClasses().build());
        for (int i = 0; i < 30; i++) {
            log.step(2.3 - 0.01 * i, i < 10 ? 1.0 : 0.0);
        }
        List<ProbableCause> causes = WatchedRun.run(log).last("zero-gradients").causes();

        assertThat(causes.get(0).code()).isNotEqualTo("unscaled-inputs");
    }

    @Test
    void aPlateauAtATinyRateIsTheRateAndTheRemedyNamesIt() {
        RunLog log = RunLog.of("r")
                .started(HealthyRuns.tenClasses().learningRate(1e-9).build());
        SyntheticCurve curve = new SyntheticCurve(2);
        for (int i = 0; i < 200; i++) {
            log.step(curve.noisy(2.3, 0.01), 1.0, 1e-9, List.of());
        }
        ProbableCause first = WatchedRun.run(log).first("loss-plateau").causes().get(0);

        assertThat(first.code()).isEqualTo("learning-rate-too-low");
        assertThat(first.remedy()).contains("from 1e-9 to about 1e-4");
    }

    @Test
    void claimsACorruptBatchOnlyWhereTheStepBeforeWasSeen() {
        RunLog epochs = RunLog.of("r");
        for (int i = 0; i < 8; i++) {
            epochs.epoch(i < 7 ? 2.3 - 0.1 * i : Double.NaN, null);
        }

        assertThat(WatchedRun.run(epochs)
                        .first("non-finite-values")
                        .causes()
                        .get(0)
                        .code())
                .isNotEqualTo("corrupt-batch");
    }

    @Test
    void aPlateauWithNormalUpdatesIsNotTheRate() {
        RunLog log = RunLog.of("r");
        SyntheticCurve curve = new SyntheticCurve(2);
        for (int i = 0; i < 200; i++) {
            log.step(curve.noisy(2.3, 0.01), 1.0, 1e-3, LayerStack.updating(3, 1, 1e-3));
        }
        List<ProbableCause> causes = WatchedRun.run(log).first("loss-plateau").causes();

        assertThat(causes.get(0).code()).isEqualTo("noisy-or-uninformative-data");
        assertThat(causes)
                .filteredOn(cause -> cause.code().equals("learning-rate-too-low"))
                .allSatisfy(cause -> assertThat(cause.evidenceAgainst()).isNotEmpty());
    }

    @Test
    void aBlowUpAtAHugeRateIsTheRateAndTheRemedyNamesIt() {
        RunLog log = RunLog.of("r")
                .started(HealthyRuns.tenClasses().learningRate(10.0).build());
        for (int i = 0; i < 20; i++) {
            log.step(i == 0 ? 2.3 : 900.0 + i, 50.0, 10.0, List.of());
        }
        ProbableCause first =
                WatchedRun.run(log).first("loss-divergence").causes().get(0);

        assertThat(first.code()).isEqualTo("learning-rate-too-high");
        assertThat(first.remedy()).contains("from 10 to about 0.001");
    }

    @Test
    void plainGradientDescentMayGoFaster() {
        RunLog log = RunLog.of("r")
                .started(RunStarted.builder().optimizer("SGD").learningRate(0.5).build());
        for (int i = 0; i < 20; i++) {
            log.step(i == 0 ? 2.3 : 900.0 + i, 50.0, 0.5, List.of());
        }

        assertThat(WatchedRun.run(log).first("loss-divergence").causes().get(0).evidenceFor())
                .noneMatch(words -> words.contains("learning rate is"));
    }

    @Test
    void saysWhichFieldsWouldSharpenIt() {
        assertThat(WatchedRun.run(FaultyRuns.plateau()).first("loss-plateau").missingEvidence())
                .anyMatch(missing -> missing.startsWith("per-layer norms"))
                .anyMatch(missing -> missing.startsWith("loss and number of classes"));
        assertThat(WatchedRun.run(FaultyRuns.frozen()).first("frozen-updates").missingEvidence())
                .isEmpty();
    }

    @Test
    void aFaultAfterMuchWasLearnedSaysWhereToGoBackTo() {
        Alert alert = WatchedRun.run(FaultyRuns.nonFinite()).first("non-finite-values");

        assertThat(alert.lastHealthyStep()).isEqualTo(119);
        assertThat(alert.recovery()).isEqualTo(Recovery.goBackTo(119, Reason.LEARNED_BEFORE_FAULT));
    }

    @Test
    void whatHasLearnedNothingHasNoCheckpointWorthKeeping() {
        RunLog log = RunLog.of("r").started(HealthyRuns.tenClasses().build());
        SyntheticCurve curve = new SyntheticCurve(3);
        for (int i = 0; i < 60; i++) {
            log.step(curve.noisy(2.31, 0.01), i < 40 ? 1.0 : 0.0);
        }
        Alert alert = WatchedRun.run(log).last("zero-gradients");

        assertThat(alert.lastHealthyStep()).isNull();
        assertThat(alert.recovery()).isEqualTo(Recovery.startAgain(Reason.NOTHING_LEARNED));
    }

    @Test
    void aResumedRunThatLearnedNothingGoesBackToWhereItBegan() {
        RunLog log =
                RunLog.of("r").started(HealthyRuns.tenClasses().resumed(true).build());
        SyntheticCurve curve = new SyntheticCurve(3);
        for (int i = 0; i < 60; i++) {
            log.step(i < 40 ? curve.noisy(0.4, 0.01) : Double.NaN, 1.0);
        }

        assertThat(WatchedRun.run(log).first("non-finite-values").recovery())
                .isEqualTo(Recovery.goBackTo(0, Reason.NOTHING_LEARNED_SINCE_RESUMED));
    }

    @Test
    void noRemedySaysWhereToGoBackTo() {
        for (String detector : FaultyRuns.all().keySet()) {
            assertThat(WatchedRun.run(FaultyRuns.all().get(detector))
                            .first(detector)
                            .causes())
                    .as(detector)
                    .noneMatch(cause -> cause.remedy().contains("checkpoint"));
        }
    }
}

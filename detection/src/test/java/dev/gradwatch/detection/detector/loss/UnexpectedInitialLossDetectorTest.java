package dev.gradwatch.detection.detector.loss;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.HealthyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UnexpectedInitialLossDetectorTest {

    private static final String ID = UnexpectedInitialLossDetector.ID;

    @Test
    void warnsAtTheThirdStepOfUnscaledInputs() {
        Alert alert = WatchedRun.run(FaultyRuns.unscaled()).first(ID);

        assertThat(alert.severity()).isEqualTo(Severity.WARNING);
        assertThat(alert.opened().step()).isEqualTo(2);
        assertThat(WatchedRun.evidence(alert, "expected")).isEqualTo(Math.log(10));
        assertThat(WatchedRun.evidence(alert, "threshold")).isEqualTo(3 * Math.log(10));
        assertThat(alert.causes().get(0).code()).isEqualTo("unscaled-inputs");
    }

    /** Three classes under a binary loss start at the entropy of one third, 0.637. */
    @Test
    void recognisesABinaryLossOnThreeClasses() {
        Alert alert = WatchedRun.run(run(classifier(3), 0.65, 0.63, 0.64)).first(ID);

        assertThat(alert.summary()).contains("binary loss on 3 classes");
        assertThat(WatchedRun.evidence(alert, "binary-entropy")).isBetween(0.636, 0.637);
        assertThat(alert.causes().get(0).code()).isEqualTo("wrong-loss-or-output-activation");
    }

    @Test
    void anUntrainedClassifierStartsWhereItShould() {
        assertThat(WatchedRun.run(run(classifier(10), 2.4, 2.3, 2.35)).of(ID)).isEmpty();
        assertThat(WatchedRun.run(run(classifier(2), 0.69, 0.7, 0.68)).of(ID)).isEmpty();
    }

    @Test
    void aHighFirstLossThatTheSecondStepMendsIsNothing() {
        assertThat(WatchedRun.run(run(classifier(10), 9.0, 4.0, 3.0)).of(ID)).isEmpty();
    }

    @Test
    void resumedAndPretrainedRunsStartWhereTheyLike() {
        assertThat(WatchedRun.run(run(classifier(10).resumed(true), 99, 98, 97)).of(ID))
                .isEmpty();
        assertThat(WatchedRun.run(run(classifier(10).pretrained(true), 99, 98, 97))
                        .of(ID))
                .isEmpty();
    }

    @Test
    void saysNothingWithoutClassesOrForAnotherLoss() {
        assertThat(WatchedRun.run(run(RunStarted.builder().loss("cross_entropy"), 99, 98, 97))
                        .of(ID))
                .isEmpty();
        assertThat(WatchedRun.run(run(classifier(10).loss("mse"), 99, 98, 97)).of(ID))
                .isEmpty();
        assertThat(WatchedRun.run(run(classifier(1), 99, 98, 97)).of(ID)).isEmpty();
    }

    @Test
    void looksAtTheFirstThreeLossesOnly() {
        RunLog log = run(classifier(10), 2.3, 2.3, 2.3)
                .step(99.0, 1.0)
                .step(99.0, 1.0)
                .step(99.0, 1.0);

        assertThat(WatchedRun.run(log).of(ID)).isEmpty();
    }

    @Test
    void obeysItsParameters() {
        WatchedRun run = WatchedRun.run(run(classifier(10), 8, 8, 8), Map.of(ID + ".high", 4.0));

        assertThat(run.of(ID)).isEmpty();
        assertThat(WatchedRun.run(run(classifier(10), 8, 8, 8)).of(ID)).isNotEmpty();
        assertThat(WatchedRun.run(run(classifier(3), 0.72, 0.72, 0.72), Map.of(ID + ".binary", 0.1))
                        .of(ID))
                .isEmpty();
    }

    @Test
    void leavesTheStoryToANonFiniteLoss() {
        WatchedRun run = WatchedRun.run(run(classifier(10), Double.NaN, 99, 98).step(97.0, 1.0));

        assertThat(run.opened()).containsExactly("non-finite-values");
        assertThat(run.last("non-finite-values").symptoms()).contains(ID);
    }

    private static RunStarted.Builder classifier(int classes) {
        return HealthyRuns.tenClasses().classes(classes);
    }

    private static RunLog run(RunStarted.Builder registration, double... losses) {
        RunLog log = RunLog.of("r").started(registration.build());
        for (double loss : losses) {
            log.step(loss, 1.0);
        }
        return log;
    }
}

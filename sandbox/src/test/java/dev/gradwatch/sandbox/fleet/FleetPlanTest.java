package dev.gradwatch.sandbox.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FleetPlanTest {

    private static final long SEED = 1;

    static Stream<PlannedRun> soundRuns() {
        return LongStream.range(0, FleetPlan.CAST)
                .mapToObj(number -> new FleetPlan(SEED).run(number))
                .filter(PlannedRun::healthy);
    }

    @ParameterizedTest
    @MethodSource("soundRuns")
    void everySoundRunReallyLearns(PlannedRun run) {
        List<RunRecord> said = play(run);
        List<EpochCompleted> epochs = epochs(said);
        EpochCompleted last = epochs.get(epochs.size() - 1);
        assertThat(last.trainLoss())
                .as(run.name())
                .isLessThan(0.8 * epochs.get(0).trainLoss());
        double best = epochs.stream()
                .mapToDouble(EpochCompleted::validationLoss)
                .min()
                .orElseThrow();
        assertThat(last.validationLoss())
                .as(run.name() + " keeps what it learned")
                .isLessThan(best + 0.1);
        assertThat(steps(said)).as(run.name()).allSatisfy(step -> {
            assertThat(step.loss()).isFinite();
            assertThat(step.gradientNorm()).isFinite().isPositive();
        });
        assertThat(said.get(said.size() - 1).event()).isEqualTo(new RunFinished(RunFinished.Outcome.COMPLETED, null));
    }

    @Test
    void unscaledAmountsLeaveNoGradient() {
        assertThat(steps(play("payments-raw-amounts"))).allMatch(step -> step.gradientNorm() == 0);
    }

    @Test
    void aRateOfTenEndsInNaN() {
        assertThat(steps(play("energy-load-rate-10"))).anyMatch(step -> Double.isNaN(step.loss()));
    }

    @Test
    void aDyingNetworkWasAliveBefore() {
        List<StepNorms> steps = steps(play("digits-dying-relu"));
        Predicate<StepNorms> dead = step -> step.layers().stream().anyMatch(layer -> layer.zeroFraction() == 1);
        assertThat(steps.get(0)).matches(dead.negate());
        assertThat(steps.get(steps.size() - 1)).matches(dead);
    }

    @Test
    void aRateTooSmallToMoveAWeightKeepsTheValidationLossToTheLastDigit() {
        assertThat(epochs(play("tagger-rate-1e10")))
                .extracting(EpochCompleted::validationLoss)
                .hasSizeGreaterThan(8)
                .containsOnly(epochs(play("tagger-rate-1e10")).get(0).validationLoss());
    }

    @Test
    void aDamagedShardMakesTheGradientJump() {
        List<StepNorms> steps = steps(play("digits-bad-shard"));
        assertThat(steps.get(130).gradientNorm())
                .isGreaterThan(5 * steps.get(129).gradientNorm());
    }

    @Test
    void theHangingRunEndsWithoutAWord() {
        List<RunRecord> said = play("keyword-spotter");
        assertThat(said.get(said.size() - 1).event()).isNotInstanceOf(RunFinished.class);
        assertThat(steps(said)).hasSize(150);
    }

    @Test
    void theSecondAttemptHealsTheRawPixels() {
        List<RunRecord> said = play("digits-raw-pixels");
        List<RunRecord> second =
                said.stream().filter(record -> record.attempt() == 2).toList();
        assertThat(second.get(0).event())
                .isInstanceOfSatisfying(
                        RunStarted.class,
                        started -> assertThat(started.resumed()).isTrue());
        List<EpochCompleted> epochs = epochs(second);
        assertThat(epochs.get(epochs.size() - 1).trainLoss()).isLessThan(0.5);
    }

    @Test
    void theCastReturnsUnderNewIdsWithOtherNumbers() {
        FleetPlan plan = new FleetPlan(SEED);
        PlannedRun first = plan.run(0);
        PlannedRun again = plan.run(FleetPlan.CAST);
        assertThat(again.name()).isEqualTo(first.name());
        assertThat(again.runId()).isNotEqualTo(first.runId());
        assertThat(steps(play(again)).get(0).loss())
                .isNotEqualTo(steps(play(first)).get(0).loss());
    }

    private static List<RunRecord> play(String name) {
        return play(new FleetPlan(SEED).run(name));
    }

    private static List<RunRecord> play(PlannedRun run) {
        RunPlay play = new RunPlay(run);
        List<RunRecord> said = new ArrayList<>();
        for (long now = 1; !play.ended() && !play.silent(); now += 33) {
            play.advance(now, said::add);
        }
        return said;
    }

    private static List<StepNorms> steps(List<RunRecord> said) {
        return said.stream()
                .map(RunRecord::event)
                .filter(GradientNorms.class::isInstance)
                .flatMap(event -> ((GradientNorms) event).steps().stream())
                .toList();
    }

    private static List<EpochCompleted> epochs(List<RunRecord> said) {
        return said.stream()
                .map(RunRecord::event)
                .filter(EpochCompleted.class::isInstance)
                .map(EpochCompleted.class::cast)
                .toList();
    }
}

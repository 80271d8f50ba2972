package dev.gradwatch.detection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.scenario.FaultyFamilies;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.WatchedRun;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/** Certainty comes from the size of the effect, too: these runs are told within a few records. */
class FaultyFamiliesTest {

    private static final int SEEDS = 60;
    private static final long MOST = 1_000_000;

    @Property(tries = SEEDS)
    void aRiseInTheLastEpochs(@ForAll @LongRange(max = MOST) long seed) {
        pages(FaultyFamilies.lateRise(seed), "loss-divergence");
    }

    @Property(tries = SEEDS)
    void aJumpAtTheSecondEpoch(@ForAll @LongRange(max = MOST) long seed) {
        Alert alert = pages(FaultyFamilies.jumpsAndStays(seed), "loss-divergence");
        assertThat(alert.opened().epoch()).isLessThanOrEqualTo(6);
    }

    @Property(tries = SEEDS)
    void aBlowUpThatComesAgainAndAgain(@ForAll @LongRange(max = MOST) long seed) {
        pages(FaultyFamilies.recurringBlowUp(seed), "loss-spike");
    }

    @Property(tries = SEEDS)
    void aLossWithoutAFloor(@ForAll @LongRange(max = MOST) long seed, @ForAll boolean accuracies) {
        Alert alert = pages(FaultyFamilies.withoutAFloor(seed, accuracies), "implausible-loss");
        assertThat(alert.causes().get(0).code()).isEqualTo("wrong-loss-or-output-activation");
    }

    @Property(tries = SEEDS)
    void aClassifierThatIsThrownToChance(@ForAll @LongRange(max = MOST) long seed) {
        Alert alert = pages(FaultyFamilies.thrownToChance(seed), "loss-plateau");
        assertThat(alert.opened().epoch()).isLessThanOrEqualTo(5);
        assertThat(alert.causes().get(0).code()).isEqualTo("learning-rate-too-high");
    }

    @Property(tries = SEEDS)
    void aLossOfZeroAtChance(@ForAll @LongRange(max = MOST) long seed) {
        Alert alert = pages(FaultyFamilies.zeroAtChance(seed), "implausible-loss");
        assertThat(alert.opened().epoch()).isLessThanOrEqualTo(4);
        assertThat(alert.causes().get(0).code()).isEqualTo("wrong-loss-or-output-activation");
    }

    @Property(tries = SEEDS)
    void aFineTuningThatOnlyLearnsByHeart(
            @ForAll @LongRange(max = MOST) long seed, @ForAll @LongRange(min = 3, max = 6) long evaluations) {
        pages(FaultyFamilies.eachEvaluationWorse(seed, (int) evaluations), "overfitting");
    }

    @Property(tries = SEEDS)
    void aDivergenceWhoseNoiseGrowsWithIt(@ForAll @LongRange(max = MOST) long seed) {
        WatchedRun run = WatchedRun.run(FaultyFamilies.divergesIntoNoise(seed));
        assertThat(run.state().alerts().isPaging("loss-divergence"))
                .as("still open at a thousand times the start, seed %d", seed)
                .isTrue();
    }

    private static Alert pages(RunLog log, String detector) {
        WatchedRun run = WatchedRun.run(log);
        assertThat(run.paging()).as(log.records().get(0).runId()).contains(detector);
        return run.of(detector).stream()
                .filter(alert -> alert.severity().isPaging())
                .findFirst()
                .orElseThrow();
    }
}

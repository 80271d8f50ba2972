package dev.gradwatch.detection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.scenario.HealthyFamilies;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.WatchedRun;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/** Whatever their levels, noise and lengths: nobody is paged for a sound run. */
class HealthyFamiliesTest {

    private static final int SEEDS = 60;

    @Property(tries = SEEDS)
    void aFlatStartOfALongRun(@ForAll @LongRange(max = 1_000_000) long seed, @ForAll boolean planned) {
        staysQuiet(HealthyFamilies.flatStart(seed, planned));
    }

    @Property(tries = SEEDS)
    void aLogOfStepsThatStops(@ForAll @LongRange(max = 1_000_000) long seed) {
        staysQuiet(HealthyFamilies.stepsThatStop(seed));
    }

    @Property(tries = SEEDS)
    void aLogThatTurnsSparse(@ForAll @LongRange(max = 1_000_000) long seed) {
        staysQuiet(HealthyFamilies.logThatTurnsSparse(seed));
    }

    @Property(tries = SEEDS)
    void aRunThatLearnedBeforeItsFirstRecord(@ForAll @LongRange(max = 1_000_000) long seed) {
        staysQuiet(HealthyFamilies.learnedBeforeTheFirstRecord(seed));
    }

    @Property(tries = SEEDS)
    void aWildStartThatComesBack(@ForAll @LongRange(max = 1_000_000) long seed) {
        staysQuiet(HealthyFamilies.wildStartThatComesBack(seed));
    }

    @Property(tries = SEEDS)
    void jumpsNearTheFloor(@ForAll @LongRange(max = 1_000_000) long seed) {
        staysQuiet(HealthyFamilies.jumpsNearTheFloor(seed));
    }

    private static void staysQuiet(RunLog log) {
        WatchedRun run = WatchedRun.run(log);
        assertThat(run.alerts().stream().filter(alert -> alert.severity().isPaging()))
                .as(log.records().get(0).runId())
                .isEmpty();
    }
}

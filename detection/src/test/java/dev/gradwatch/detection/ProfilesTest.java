package dev.gradwatch.detection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.catalogue.Catalogue;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.event.Profile;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A profile mutes what is normal for its kind of loss, and nothing else. */
class ProfilesTest {

    /** Faults whatever the loss means: nobody may mute them. */
    private static final Set<String> HARD = Set.of(
            "suspicious-settings",
            "non-finite-values",
            "majority-class-collapse",
            "constant-metrics",
            "zero-gradients",
            "dead-layers",
            "frozen-updates",
            "unexpected-initial-loss",
            "exploding-gradients",
            "oversized-updates",
            "slow-steps",
            "silent-run");

    @ParameterizedTest
    @ValueSource(strings = {"adversarial", "reinforcement"})
    void trendsAreMutedWhereNoLossIsMeantToFall(String profile) {
        Set<String> active = new TreeSet<>();
        for (CatalogueEntry entry : Catalogue.entries()) {
            if (!entry.mutedIn().contains(Profile.valueOf(profile.toUpperCase(Locale.ROOT)))) {
                active.add(entry.id());
            }
        }
        assertThat(active).containsAll(HARD).doesNotContain("loss-plateau", "loss-divergence", "overfitting");
        for (Map.Entry<String, RunLog> run : FaultyRuns.all().entrySet()) {
            WatchedRun watched = WatchedRun.run(as(profile, run.getValue()));
            if (HARD.contains(run.getKey())) {
                assertThat(watched.opened()).contains(run.getKey());
            }
            assertThat(watched.opened()).as(run.getKey()).isSubsetOf(active);
        }
    }

    @Test
    void slowIsNormalForALanguageModel() {
        Set<String> mutedInIt = new TreeSet<>();
        for (CatalogueEntry entry : Catalogue.entries()) {
            if (entry.mutedIn().contains(Profile.LANGUAGE_MODEL)) {
                mutedInIt.add(entry.id());
            }
        }

        assertThat(mutedInIt).containsExactly("slow-convergence");
        assertThat(WatchedRun.run(as("language-model", FaultyRuns.slow())).paging())
                .isEmpty();
        assertThat(WatchedRun.run(as("language-model", FaultyRuns.plateau())).paging())
                .contains("loss-plateau");
        assertThat(WatchedRun.run(as("language-model", FaultyRuns.divergence())).paging())
                .contains("loss-divergence");
    }

    @ParameterizedTest
    @CsvSource({
        "adversarial,ADVERSARIAL",
        " Reinforcement ,REINFORCEMENT",
        "language_model,LANGUAGE_MODEL",
        "gan,SUPERVISED"
    })
    void aProfileIsReadAsPeopleWriteIt(String text, Profile profile) {
        assertThat(Profile.of(text)).isEqualTo(profile);
    }

    @Test
    void withoutAProfileALossIsMeantToFall() {
        assertThat(Profile.of(null)).isEqualTo(Profile.SUPERVISED);
        assertThat(Profile.of("")).isEqualTo(Profile.SUPERVISED);
    }

    @Test
    void theProfileThatIsRegisteredLaterCountsFromThen() {
        RunLog log = FaultyRuns.plateau();
        log.started(RunStarted.builder().profile("adversarial").build());
        WatchedRun run = WatchedRun.run(log);

        assertThat(run.state().profile()).isEqualTo(Profile.ADVERSARIAL);
    }

    /** The same run under a profile, told first. */
    private static List<RunRecord> as(String profile, RunLog run) {
        RunLog log = RunLog.of(run.records().get(0).runId());
        boolean registered = false;
        List<RunRecord> records = new ArrayList<>();
        for (RunRecord record : run.records()) {
            if (record.event() instanceof RunStarted started) {
                records.add(new RunRecord(
                        record.runId(), record.attempt(), record.timeMillis(), withProfile(started, profile)));
                registered = true;
            } else {
                records.add(record);
            }
        }
        if (!registered) {
            log.started(RunStarted.builder().profile(profile).build());
            records.addAll(0, log.records());
        }
        return records;
    }

    private static RunStarted withProfile(RunStarted s, String profile) {
        return s.toBuilder().profile(profile).build();
    }
}

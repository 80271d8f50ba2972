package dev.gradwatch.detection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.scenario.RandomRuns;
import dev.gradwatch.detection.scenario.WatchedRun;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.state.RunStateCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every stream of records, however mad. */
class RandomRunsTest {

    /** Open alerts with their words included. */
    private static final int MOST_BYTES = 32 * 1024;

    private final RunStateCodec codec = new RunStateCodec();

    @Provide
    Arbitrary<List<RunRecord>> anyRun() {
        return RandomRuns.records();
    }

    @Provide
    Arbitrary<List<RunRecord>> finiteRun() {
        return RandomRuns.finiteRecords();
    }

    @Property(tries = 400)
    void isWatchedWithoutAnExceptionAndWithinBounds(@ForAll("anyRun") List<RunRecord> records) {
        WatchedRun run = WatchedRun.run(records);

        assertThat(codec.encode(run.state())).hasSizeLessThan(MOST_BYTES);
        assertThat(run.watch().snapshot(run.state())).isNotNull();
        assertThat(run.watch().silenceLimitMillis(run.state())).isPositive();
    }

    @Property(tries = 150)
    void saysTheSameTwiceAndFromBytesAtEveryStep(@ForAll("anyRun") List<RunRecord> records) {
        WatchedRun straight = WatchedRun.run(records);
        RunWatch watch = new RunWatch(DetectionSettings.defaults());
        List<Alert> alerts = new ArrayList<>();
        byte[] bytes = codec.encode(watch.newRun("any"));
        for (RunRecord record : records) {
            RunState run = codec.decode(bytes);
            watch.apply(run, record, alerts::add);
            bytes = codec.encode(run);
        }

        assertThat(alerts)
                .isEqualTo(straight.alerts())
                .isEqualTo(WatchedRun.run(records).alerts());
        assertThat(bytes).isEqualTo(codec.encode(straight.state()));
    }

    @Property(tries = 200)
    void everyEventIsAppliedOrCounted(@ForAll("anyRun") List<RunRecord> records) {
        WatchedRun run = WatchedRun.run(List.of());
        for (RunRecord record : records) {
            ApplyResult applied = run.apply(record);
            int events = record.event() instanceof GradientNorms norms
                            && applied.stale() + applied.applied() + applied.duplicates() > 1
                    ? norms.steps().size()
                    : 1;
            assertThat(applied.applied() + applied.duplicates() + applied.stale())
                    .as("%s", record)
                    .isEqualTo(events);
        }
    }

    @Property(tries = 300)
    void alertsLiveOrderlyLives(@ForAll("anyRun") List<RunRecord> records) {
        Map<String, Alert> latest = new HashMap<>();
        Set<String> open = new HashSet<>();
        for (Alert alert : WatchedRun.run(records).alerts()) {
            Alert before = latest.put(alert.id(), alert);
            assertThat(alert.revision()).isEqualTo(before == null ? 1 : before.revision() + 1);
            assertThat(before == null || before.state().isOpen())
                    .as("nothing follows an end")
                    .isTrue();
            String key = alert.attempt() + alert.detector();
            assertThat(before == null ? open.add(key) : open.contains(key))
                    .as("one open alert of a detector")
                    .isTrue();
            assertThat(alert.ended() != null).isEqualTo(!alert.state().isOpen());
            if (!alert.state().isOpen()) {
                open.remove(key);
            }
            double sum = alert.causes().stream()
                    .mapToDouble(ProbableCause::confidence)
                    .sum();
            assertThat(sum).as("%s", alert.causes()).isBetween(0.0, 1.0 + 1e-9);
        }
    }

    @Property(tries = 300)
    void finiteValuesOfAnySizeNeverBecomeNotANumber(@ForAll("finiteRun") List<RunRecord> records) {
        WatchedRun run = WatchedRun.run(records);

        assertThat(run.opened()).doesNotContain("non-finite-values");
        assertThat(run.state().loss().blocks().noise()).isNotNaN();
        run.alerts()
                .forEach(alert -> alert.evidence().stream()
                        .filter(evidence -> !evidence.name().equals("usual-gap"))
                        .forEach(evidence -> assertThat(evidence.value())
                                .as("%s of %s", evidence.name(), alert.detector())
                                .isNotNaN()));
    }
}

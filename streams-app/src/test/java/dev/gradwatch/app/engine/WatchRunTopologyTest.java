package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gradwatch.app.engine.partitions.BadRecords;
import dev.gradwatch.app.engine.partitions.TooManyBadRecordsException;
import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.Heartbeat;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.AlertState;
import dev.gradwatch.schemas.RunPhase;
import dev.gradwatch.schemas.RunStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchRunTopologyTest {

    @TempDir
    private Path stateDir;

    @Test
    void saysWhatTheCoreSays() {
        List<RunRecord> fleet = PublishedRuns.fleet("run", 6, 1);
        try (EngineDriver engine = engine(settings())) {
            engine.publish(fleet);
            Map<String, List<Alert>> expected = WireRecords.expected(fleet);
            assertThat(expected).hasSizeGreaterThanOrEqualTo(2);
            assertThat(engine.alerts()).isEqualTo(expected);
            assertThat(engine.deadLetters()).isEmpty();
        }
    }

    @Test
    void saysTheSameWhenStatesLeaveMemoryAllTheTime() {
        List<RunRecord> fleet = PublishedRuns.fleet("run", 6, 2);
        try (EngineDriver engine = engine(settings().cachedRuns(1))) {
            engine.publish(fleet);
            assertThat(engine.alerts()).isEqualTo(WireRecords.expected(fleet));
        }
    }

    @Test
    void saysNothingTwiceWhenEverythingIsPublishedTwice() {
        List<RunRecord> run = PublishedRuns.run("run", 3, 5);
        List<RunRecord> running = run.subList(0, run.size() - 1);
        AtomicInteger duplicates = new AtomicInteger();
        EngineListener listener = new EngineListener() {
            @Override
            public void recordApplied(String type, int applied, int duplicate, int stale, long nanos) {
                duplicates.addAndGet(duplicate + stale);
            }
        };
        try (EngineDriver engine = new EngineDriver(settings(), listener)) {
            engine.publish(running);
            assertThat(engine.alerts()).isNotEmpty();
            engine.publish(running.subList(1, running.size()));
            assertThat(engine.alerts()).isEmpty();
            assertThat(duplicates).hasValueGreaterThan(100);
        }
    }

    @Test
    void writesAStatusOnlyEverySoOftenWhileNothingHappens() {
        try (EngineDriver engine = engine(settings())) {
            for (int second = 1; second <= 60; second++) {
                engine.publish(step("run", second));
            }
            assertThat(engine.statuses()).hasSizeBetween(6, 8);
        }
    }

    @Test
    void forgetsTheRunThatWasHeardLeastRecentlyWhenTooManyAreKnown() {
        try (EngineDriver engine = engine(settings().knownRuns(50).cachedRuns(10))) {
            for (int i = 0; i < 500; i++) {
                engine.publish(step("stranger-" + i, 1));
                if (i % 20 == 0) {
                    engine.publish(step("honest", 1 + i / 20));
                }
            }
            List<String> kept = new ArrayList<>();
            engine.store().forEach(run -> kept.add(run.runId()), (run, e) -> {});
            assertThat(kept).hasSize(50).contains("honest", "stranger-499").doesNotContain("stranger-0");
            List<String> forgotten = engine.statuses().stream()
                    .filter(status -> status.value == null)
                    .map(status -> status.key)
                    .toList();
            assertThat(forgotten).hasSize(451).contains("stranger-0").doesNotContain("honest");
        }
    }

    @Test
    void writesTheLastStatusOfARunThatSaysNothingMore() {
        try (EngineDriver engine = engine(settings())) {
            RunRecord first = step("run", 1);
            RunRecord last = step("run", 2);
            engine.publish(first);
            engine.publish(last);
            assertThat(engine.statuses()).hasSize(1);
            engine.pass(Duration.ofSeconds(12));
            List<KeyValue<String, RunStatus>> statuses = engine.statuses();
            assertThat(statuses).hasSize(1);
            assertThat(statuses.get(0).value.getStep()).isEqualTo(2);
            engine.pass(Duration.ofSeconds(60));
            assertThat(engine.statuses()).isEmpty();
        }
    }

    @Test
    void writesAStatusAtOnceWhenAnAlertChanges() {
        try (EngineDriver engine = engine(settings())) {
            List<RunRecord> run = PublishedRuns.run("run", 4, 5);
            for (RunRecord record : run) {
                engine.publish(record);
                List<KeyValue<String, RunStatus>> statuses = engine.statuses();
                if (!engine.alerts().isEmpty()) {
                    assertThat(statuses).hasSize(1);
                }
            }
        }
    }

    @Test
    void sendsEachKindOfBadRecordToTheDeadLettersAndGoesOn() {
        RunRecord good = step("run", 1);
        try (EngineDriver engine = engine(settings())) {
            Map<String, byte[]> poison = engine.wire.poison(good, engine.registry);
            poison.forEach((cause, value) -> {
                engine.publish("run", value);
                List<TestRecord<byte[], byte[]>> letters = engine.deadLetters();
                assertThat(letters).as(cause).hasSize(1);
                TestRecord<byte[], byte[]> letter = letters.get(0);
                assertThat(header(letter, "gradwatch.cause")).isEqualTo(cause);
                assertThat(header(letter, "gradwatch.origin.topic")).isEqualTo("gradwatch.training-events.v1");
                assertThat(letter.key()).isEqualTo("run".getBytes(StandardCharsets.UTF_8));
                assertThat(letter.value()).isEqualTo(value);
            });
            engine.publish(null, engine.wire.event(good));
            assertThat(header(engine.deadLetters().get(0), "gradwatch.cause")).isEqualTo("wrong-key");
            engine.publish(good);
            assertThat(engine.deadLetters()).isEmpty();
            assertThat(engine.statuses()).hasSize(1);
        }
    }

    @Test
    void stopsInsteadOfSkippingTheWorldWhenThatIsTheChoice() {
        try (EngineDriver engine = engine(settings().stopAbove(0.009, 10).whenTooManyBad(BadRecords.Reaction.STOP))) {
            engine.publish(step("run", 1));
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 10; i++) {
                            engine.publish("run", new byte[] {7});
                        }
                    })
                    .hasRootCauseInstanceOf(TooManyBadRecordsException.class)
                    .hasRootCauseMessage(
                            "10 of the last 11 records of partition 0 that count could not be used (limit: a share"
                                    + " of 0.009 and 10 records). The latest is"
                                    + " gradwatch.training-events.v1 partition 0 offset 10, not-wire-format: 1 bytes beginning"
                                    + " with 0x07 are not a zero byte, a 4-byte schema id and Avro binary: publish with a"
                                    + " Confluent-compatible Avro serializer. The service stops, as"
                                    + " dead-letters.when-too-many says. See who publishes such records; then start"
                                    + " again: nothing was skipped since the last commit.");
        }
    }

    @Test
    void waitsForTheRegistryAndLosesNothing() {
        try (EngineDriver engine = engine(settings())) {
            engine.registry.failLookups(2);
            engine.publish(step("run", 1));
            assertThat(engine.statuses()).hasSize(1);
            assertThat(engine.deadLetters()).isEmpty();
        }
    }

    @Test
    void accusesARunOfSilenceOnlyWhenEverythingPublishedIsRead() {
        try (EngineDriver engine = engine(settings())) {
            for (int second = 1; second <= 120; second++) {
                engine.publish(step("run", second));
                engine.pass(Duration.ofSeconds(1));
            }
            engine.caughtUp.set(false);
            engine.pass(Duration.ofHours(2));
            assertThat(engine.alerts()).isEmpty();
            engine.caughtUp.set(true);
            engine.pass(Duration.ofSeconds(5));
            List<Alert> alerts = engine.alerts().get("run");
            assertThat(alerts).isNotEmpty();
            assertThat(alerts.get(0).getDetector()).isEqualTo("silent-run");
            assertThat(alerts.get(0).getState()).isEqualTo(AlertState.OPENED);
            List<KeyValue<String, RunStatus>> statuses = engine.statuses();
            assertThat(statuses.get(statuses.size() - 1).value.getPhase()).isEqualTo(RunPhase.SILENT);
        }
    }

    @Test
    void accusesNobodyRightAfterItWasStalledItself() {
        try (EngineDriver engine = engine(settings())) {
            for (int second = 1; second <= 120; second++) {
                engine.publish(step("run", second));
                engine.pass(Duration.ofSeconds(1));
            }
            engine.jump(Duration.ofHours(2));
            engine.publish(step("run", 121));
            engine.pass(Duration.ofSeconds(2));
            assertThat(engine.alerts()).isEmpty();
        }
    }

    @Test
    void resolvesTheSilenceWhenTheRunSpeaksAgain() {
        try (EngineDriver engine = engine(settings())) {
            for (int second = 1; second <= 120; second++) {
                engine.publish(step("run", second));
                engine.pass(Duration.ofSeconds(1));
            }
            engine.pass(Duration.ofHours(2));
            assertThat(engine.alerts()).isNotEmpty();
            engine.publish(step("run", 121));
            List<Alert> alerts = engine.alerts().get("run");
            assertThat(alerts.get(0).getDetector()).isEqualTo("silent-run");
            assertThat(alerts.get(0).getState()).isEqualTo(AlertState.RESOLVED);
        }
    }

    @Test
    void forgetsARunThatFinished() {
        List<String> forgotten = new ArrayList<>();
        EngineListener listener = new EngineListener() {
            @Override
            public void runForgotten(int partition, String runId) {
                forgotten.add(runId);
            }
        };
        TestSettings settings = settings().retain(Duration.ofMinutes(10), Duration.ofDays(1));
        try (EngineDriver engine = new EngineDriver(settings, listener)) {
            engine.publish(PublishedRuns.run("done", 5, 99));
            engine.publish(step("running", 1));
            engine.statuses();
            engine.pass(Duration.ofMinutes(11));
            assertThat(forgotten).containsExactly("done");
            assertThat(engine.store().find("done")).isNull();
            assertThat(engine.store().find("running")).isNotNull();
            assertThat(engine.statuses()).contains(KeyValue.pair("done", null));
        }
    }

    @Test
    void forgetsARunThatIsSilentForLong() {
        TestSettings settings = settings().retain(Duration.ofMinutes(10), Duration.ofHours(3));
        try (EngineDriver engine = engine(settings)) {
            engine.publish(new RunRecord("run", 1, PublishedRuns.START, new Heartbeat(null, "compiling")));
            engine.pass(Duration.ofHours(3).plusMinutes(2));
            assertThat(engine.store().find("run")).isNull();
            List<KeyValue<String, RunStatus>> statuses = engine.statuses();
            assertThat(statuses.get(statuses.size() - 1)).isEqualTo(KeyValue.pair("run", null));
        }
    }

    @Test
    void leavesOutATypeThatOnlyANewerVersionKnowsAndKeepsTheRegistration() {
        AtomicInteger skipped = new AtomicInteger();
        EngineListener listener = new EngineListener() {
            @Override
            public void eventSkipped() {
                skipped.incrementAndGet();
            }
        };
        RunStarted started = RunStarted.builder().name("resnet").team("vision").build();
        try (EngineDriver engine = new EngineDriver(settings(), listener)) {
            engine.publish(new RunRecord("run", 1, PublishedRuns.START, started));
            engine.publish("run", engine.wire.ofALaterType("run", engine.registry));
            engine.publish(step("run", 1));

            assertThat(skipped).hasValue(1);
            assertThat(engine.deadLetters()).isEmpty();
            assertThat(engine.store().find("run").state().registration().team()).isEqualTo("vision");
        }
    }

    @Test
    void anImpossibleFieldCostsTheFieldAndIsCountedAndSaidInTheStatus() {
        Map<String, Integer> ignored = new HashMap<>();
        EngineListener listener = new EngineListener() {
            @Override
            public void fieldIgnored(String field, int times) {
                ignored.merge(field, times, Integer::sum);
            }
        };
        EpochCompleted odd = new EpochCompleted(1.0, null, 0.5, null, -1.6, null, null, null, Map.of());
        try (EngineDriver engine = new EngineDriver(settings(), listener)) {
            engine.publish(new RunRecord("run", 1, PublishedRuns.START, odd));

            assertThat(ignored).containsExactly(Map.entry("train_accuracy", 1));
            assertThat(engine.deadLetters()).isEmpty();
            assertThat(engine.statuses().get(0).value.getIgnored())
                    .containsExactly("train_accuracy: -1.6, must be 0 to 100.1, or NaN");
        }
    }

    @Test
    void aClockInMicrosecondsGivesAlertsWithSaneTimes() {
        List<RunRecord> run = PublishedRuns.run("run", 3, 5);
        try (EngineDriver engine = engine(settings())) {
            for (RunRecord record : run) {
                engine.publish(new RunRecord("run", 1, record.timeMillis() * 1000, record.event()));
            }
            List<Alert> alerts = engine.alerts().get("run");

            assertThat(alerts)
                    .isNotEmpty()
                    .allSatisfy(alert -> assertThat(alert.getOpenedAt())
                            .isBetween(
                                    Instant.ofEpochMilli(PublishedRuns.START),
                                    Instant.ofEpochMilli(PublishedRuns.START).plus(Duration.ofDays(1))));
        }
    }

    @Test
    void anAttemptFarAheadIsADeadLetterAndTheRunIsWatchedOn() {
        List<RunRecord> run = PublishedRuns.run("run", 3, 5);
        try (EngineDriver engine = engine(settings())) {
            engine.publish(run.subList(0, 3));
            engine.publish(new RunRecord(
                    "run",
                    Integer.MAX_VALUE,
                    PublishedRuns.START,
                    RunStarted.builder().build()));
            engine.publish(run.subList(3, run.size()));

            assertThat(engine.deadLetters())
                    .singleElement()
                    .satisfies(letter ->
                            assertThat(header(letter, "gradwatch.cause")).isEqualTo("attempt-too-far"));
            assertThat(engine.alerts()).isEqualTo(WireRecords.expected(run));
        }
    }

    private TestSettings settings() {
        return new TestSettings(stateDir);
    }

    private static EngineDriver engine(TestSettings settings) {
        return new EngineDriver(settings, EngineListener.NONE);
    }

    private static RunRecord step(String runId, int step) {
        long time = PublishedRuns.START + step * 1000L;
        double loss = 2 / Math.sqrt(step);
        return new RunRecord(
                runId,
                1,
                time,
                new GradientNorms(List.of(new StepNorms(step, null, time, loss, 1.0, 0.001, List.of()))));
    }

    private static String header(TestRecord<byte[], byte[]> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}

package dev.gradwatch.detection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.event.EventField;
import dev.gradwatch.detection.event.Heartbeat;
import dev.gradwatch.detection.event.IgnoredField;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.RunStarted.LayerDescription;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.LayerStack;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import dev.gradwatch.detection.state.RunStateCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One record that is wrong, or not its sender's to send, must not blind or mute the run. */
class UnusualRecordsTest {

    private static final long DAY = Duration.ofDays(1).toMillis();

    @Test
    void oneHeartbeatADayAheadDoesNotHideSlowSteps() {
        List<RunRecord> records = FaultyRuns.slowSteps().records();
        Alert undisturbed = WatchedRun.run(records).first("slow-steps");
        List<RunRecord> disturbed = new ArrayList<>(records);
        RunRecord at = records.get(40);
        disturbed.add(41, new RunRecord(at.runId(), at.attempt(), at.timeMillis() + DAY, new Heartbeat(null, null)));

        WatchedRun run = WatchedRun.run(disturbed);

        assertThat(run.of("slow-steps")).isNotEmpty();
        assertThat(run.first("slow-steps").severity()).isEqualTo(undisturbed.severity());
        assertThat(run.state().position().timeMillis())
                .isEqualTo(records.get(records.size() - 1).timeMillis());
    }

    @Test
    void oneHeartbeatADayAheadIsNoHabitOfSilence() {
        RunLog log = RunLog.of("r");
        for (int i = 0; i < 60; i++) {
            log.step(1.0, 1.0);
        }
        WatchedRun run = WatchedRun.run(log);
        long limit = run.watch().silenceLimitMillis(run.state());
        RunRecord last = log.records().get(59);

        run.apply(new RunRecord("r", 1, last.timeMillis() + DAY, new Heartbeat(null, null)));
        for (int i = 0; i < 5; i++) {
            log.step(1.0, 1.0);
        }
        log.records().subList(60, 65).forEach(run::apply);

        assertThat(run.watch().silenceLimitMillis(run.state())).isEqualTo(limit);
    }

    @Test
    void theTimeOfAnAttemptDoesNotOutliveIt() {
        RunLog log = RunLog.of("r").step(1.0, 1.0).after(30).step(1.0, 1.0);
        long first = log.records().get(0).timeMillis();
        WatchedRun run = WatchedRun.run(log);

        run.apply(new RunRecord("r", 2, first + 1, new Heartbeat(null, null)));

        assertThat(run.state().position().timeMillis()).isEqualTo(first + 1);
    }

    @Test
    void anAttemptFarAheadIsRefusedAndMutesNothing() {
        List<RunRecord> records = FaultyRuns.deadLayers().records();
        WatchedRun run = WatchedRun.run(records.subList(0, 20));
        RunRecord last = records.get(20);
        RunRecord jump = new RunRecord(
                last.runId(),
                Integer.MAX_VALUE,
                last.timeMillis(),
                RunStarted.builder().build());

        assertThat(run.watch().refusal(run.state(), jump))
                .satisfies(refusal -> assertThat(refusal.kind()).isEqualTo(Refusal.Kind.ATTEMPT_TOO_FAR))
                .extracting(Refusal::message)
                .asString()
                .contains("2147483647", "1000");
        run.apply(jump);
        records.subList(20, records.size()).forEach(run::apply);

        assertThat(run.state().progress().attempt()).isEqualTo(1);
        assertThat(run.alerts()).isEqualTo(WatchedRun.run(records).alerts());
    }

    @Test
    void aRunIsNotRegisteredFarAheadBeforeItBegins() {
        RunWatch watch = WatchedRun.run(List.of()).watch();
        RunStarted any = RunStarted.builder().build();

        assertThat(watch.refusal(watch.newRun("r"), new RunRecord("r", 1000, 1, any)))
                .isNull();
        assertThat(watch.refusal(watch.newRun("r"), new RunRecord("r", 1001, 1, any)))
                .isNotNull();
    }

    @Test
    void onlyItsPublisherMayRegisterARunAnew() {
        RunStarted mine =
                RunStarted.builder().name("mine").publisher("team-a/ci").build();
        WatchedRun run = WatchedRun.run(List.of(new RunRecord("r", 1, RunLog.BEGIN_MILLIS, mine)));

        for (String other : new String[] {null, "team-b"}) {
            RunStarted theirs = mine.toBuilder().name("theirs").publisher(other).build();
            RunRecord record = new RunRecord("r", 2, RunLog.BEGIN_MILLIS + 1, theirs);
            assertThat(run.watch().refusal(run.state(), record).kind()).isEqualTo(Refusal.Kind.OTHER_PUBLISHER);
            run.apply(record);
        }
        assertThat(run.state().registration().name()).isEqualTo("mine");
        assertThat(run.state().progress().attempt()).isEqualTo(1);

        run.apply(new RunRecord(
                "r", 2, RunLog.BEGIN_MILLIS + 2, mine.toBuilder().name("again").build()));
        assertThat(run.state().registration().name()).isEqualTo("again");
    }

    @Test
    void aRegistrationThatIsReplacedByNobodyInParticularIsNoted() {
        WatchedRun run = WatchedRun.run(RunLog.of("r")
                .started(RunStarted.builder().name("a").build())
                .started(RunStarted.builder().name("b").build()));

        assertThat(run.watch().snapshot(run.state()).ignored())
                .singleElement()
                .asString()
                .startsWith("registration: replaced");
    }

    @Test
    void saysWhatWasLeftOutOfARunAlsoAfterItWasStored() {
        RunRecord record = new RunRecord(
                "r",
                1,
                RunLog.BEGIN_MILLIS,
                new Heartbeat(null, null),
                List.of(new IgnoredField(EventField.TRAIN_ACCURACY, 1, "-1.6, must be 0 to 100.1, or NaN")));
        WatchedRun run = WatchedRun.run(List.of(record, record));
        RunStateCodec codec = new RunStateCodec();

        assertThat(run.watch().snapshot(codec.decode(codec.encode(run.state()))).ignored())
                .containsExactly("train_accuracy: -1.6, must be 0 to 100.1, or NaN (2 times)");
    }

    @Test
    void aLayerThatThawsAndDiesIsToldOf() {
        RunLog log = RunLog.of("r").started(registered(true));
        steps(log, 60, true);
        log.started(registered(false));
        steps(log, 30, false);
        assertThat(WatchedRun.run(log).of("dead-layers")).isEmpty();

        steps(log, 20, true);

        assertThat(WatchedRun.run(log).of("dead-layers")).isNotEmpty();
    }

    private static RunStarted registered(boolean frozen) {
        List<LayerDescription> layers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            layers.add(new LayerDescription("layer" + i, 10L, frozen && i < 2));
        }
        return RunStarted.builder().layers(layers).build();
    }

    private static void steps(RunLog log, int count, boolean dead) {
        SyntheticCurve curve = new SyntheticCurve(6);
        for (int i = 0; i < count; i++) {
            double loss = curve.noisy(SyntheticCurve.decay(2, 1.2, 15, (int) log.nextStep()), 0.02);
            log.step(loss, 1.0, null, dead ? LayerStack.withDead(6, 1, 0, 1) : LayerStack.withDead(6, 1));
        }
    }
}

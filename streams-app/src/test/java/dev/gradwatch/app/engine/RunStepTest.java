package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gradwatch.app.engine.state.RunStateStore;
import dev.gradwatch.app.engine.state.SharedBound;
import dev.gradwatch.app.engine.state.UnreadableStateException;
import dev.gradwatch.app.engine.state.WatchedRun;
import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.state.RunStateCodec;
import dev.gradwatch.wire.DeadLetterCause;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a fault of the core costs: the record that met it, and nothing else. */
class RunStepTest {

    @TempDir
    private Path stateDir;

    private KeyValueStore<String, byte[]> durable;
    private RunStateStore store;

    @BeforeEach
    void openStore() {
        durable = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore("run-state-store"), Serdes.String(), Serdes.ByteArray())
                .withLoggingDisabled()
                .build();
        store = new RunStateStore(durable, new SharedBound(10), EngineListener.NONE);
        MockProcessorContext<Object, Object> context = new MockProcessorContext<>();
        store.init(context.getStateStoreContext(), store);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void keepsTheStateAsItWasBeforeTheRecordWhateverWasWrittenWhen() throws StepFailedException {
        List<RunRecord> records = PublishedRuns.run("run", 21, 5);
        RunStep step = step(1 << 20);
        List<Alert> alerts = new ArrayList<>();
        int failures = 0;
        for (int i = 0; i < records.size(); i++) {
            apply(step, records.get(i), alerts);
            if (i % 7 == 3) {
                RunRecord fatal = halfFatal(records.get(i).timeMillis());
                assertThatThrownBy(() -> apply(step, fatal, alerts))
                        .isInstanceOfSatisfying(
                                StepFailedException.class,
                                e -> assertThat(e.deadLetterCause()).isEqualTo(DeadLetterCause.PROCESSING_FAILED));
                failures++;
            }
            if (i % 11 == 5) {
                store.flushCache();
            }
        }
        assertThat(failures).isGreaterThan(5);
        assertThat(alerts).isEqualTo(PublishedRuns.alerts(records).get("run"));
        assertThat(encoded("run")).isEqualTo(encodedByTheCore(records));
    }

    @Test
    void keepsNothingOfARunWhoseFirstRecordFails() {
        assertThatThrownBy(() -> apply(step(1 << 20), halfFatal(PublishedRuns.START), new ArrayList<>()))
                .isInstanceOf(StepFailedException.class);
        assertThat(store.find("run")).isNull();
        store.flushCache();
        assertThat(durable.get("run")).isNull();
    }

    @Test
    void refusesARecordThatMakesTheStateTooLargeToBeWritten() throws StepFailedException {
        List<RunRecord> records = PublishedRuns.run("run", 22, 99);
        RunStep step = step(100);
        assertThatThrownBy(() -> apply(step, records.get(0), new ArrayList<>()))
                .isInstanceOfSatisfying(
                        StepFailedException.class,
                        e -> assertThat(e.deadLetterCause()).isEqualTo(DeadLetterCause.OUTPUT_TOO_LARGE));
        assertThat(store.find("run")).isNull();
    }

    @Test
    void leavesADamagedStateAloneAndSaysSo() {
        byte[] damaged = {1, 0, 0, 0, 0, 0, 0, 0, 9, 99, 99, 99};
        durable.put("run", damaged);
        assertThatThrownBy(() ->
                        apply(step(1 << 20), PublishedRuns.run("run", 23, 99).get(0), new ArrayList<>()))
                .isInstanceOf(StepFailedException.class)
                .hasMessageContaining("stored state of run run cannot be read");
        store.flushCache();
        assertThat(durable.get("run")).isEqualTo(damaged);
    }

    @Test
    void leavesAStateOfALaterVersionAloneAndSaysSo() {
        byte[] later = {2, 0, 0, 0, 0, 0, 0, 0, 9, 1, 1, 1};
        durable.put("run", later);
        assertThatThrownBy(() -> store.find("run"))
                .isInstanceOf(UnreadableStateException.class)
                .hasMessageContaining("a later Gradwatch wrote it");
    }

    /** A good step, then a layer without a name, which no decoder lets through: the first step has changed the state by then. */
    private static RunRecord halfFatal(long time) {
        StepNorms good = new StepNorms(1_000_000, null, time, 5.0, 7.0, 0.1, List.of());
        LayerNorms nameless = new LayerNorms(null, 1.0, 0.0, 1.0, 0.1);
        StepNorms fatal = new StepNorms(1_000_001, null, time, 5.0, 7.0, 0.1, List.of(nameless));
        return new RunRecord("run", 1, time, new GradientNorms(List.of(good, fatal)));
    }

    private static void apply(RunStep step, RunRecord record, List<Alert> alerts) throws StepFailedException {
        WatchedRun watched = new WatchedRun(record.runId());
        step.apply(record, 0, watched, PublishedRuns.START).changes().forEach(change -> alerts.add(change.alert()));
    }

    private RunStep step(int largestRecordBytes) {
        InMemoryRegistry registry = new InMemoryRegistry();
        EngineSettings settings = new TestSettings(stateDir).build();
        GradwatchTopology topology =
                new GradwatchTopology(settings, registry, EngineListener.NONE, partition -> true, () -> 0);
        topology.resolveSchemas(true);
        return new RunStep(
                new RunWatch(DetectionSettings.defaults()), store, topology.outputs(), largestRecordBytes, 10_000);
    }

    private byte[] encoded(String runId) {
        return new RunStateCodec().encode(store.find(runId).state());
    }

    private static byte[] encodedByTheCore(List<RunRecord> records) {
        RunWatch core = new RunWatch(DetectionSettings.defaults());
        RunState state = core.newRun("run");
        records.forEach(record -> core.apply(state, record, alert -> {}));
        return new RunStateCodec().encode(state);
    }
}

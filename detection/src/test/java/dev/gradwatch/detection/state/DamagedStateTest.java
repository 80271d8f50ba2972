package dev.gradwatch.detection.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.scenario.FaultyEpochs;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.HealthyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that rotted on a disk are refused, or read as some state; they never end the service. */
class DamagedStateTest {

    private static final RunStateCodec CODEC = new RunStateCodec();
    private static final RunWatch WATCH = new RunWatch(DetectionSettings.defaults());

    /** States that use every part: layers, alerts, registration with tags, validation. */
    private static final List<byte[]> STATES = Stream.of(
                    registered(),
                    HealthyRuns.classifier(0),
                    FaultyRuns.vanishing(),
                    FaultyRuns.frozen(),
                    FaultyEpochs.overfitting())
            .map(log -> CODEC.encode(WatchedRun.run(log).state()))
            .toList();

    private static final List<RunRecord> MORE = Stream.of(
                    HealthyRuns.classifier(1), FaultyEpochs.overfitting(), FaultyRuns.silent(), FaultyRuns.deadLayers())
            .flatMap(log -> log.records().stream().limit(120))
            .toList();

    private static RunLog registered() {
        return RunLog.of("registered")
                .started(HealthyRuns.tenClasses()
                        .tags(Map.of("node", "a", "commit", "b"))
                        .lowerIsBetter(List.of("wer"))
                        .stopOn(List.of("zero-gradients"))
                        .build())
                .step(2.3, 0.0)
                .step(2.3, 0.0)
                .step(Double.NaN, 0.0);
    }

    @Provide
    Arbitrary<byte[]> states() {
        return Arbitraries.of(STATES);
    }

    /** The values that turn lengths, counts and flags into something else, at every place. */
    @ParameterizedTest
    @ValueSource(bytes = {0, 1, 2, 3, 5, 0x7F, (byte) 0x80, (byte) 0xFF})
    void anEdgeValueAnywhereIsReadOrRefused(byte wrong) {
        for (byte[] state : STATES) {
            for (int i = 0; i < state.length; i++) {
                byte[] damaged = state.clone();
                damaged[i] = wrong;
                readAnyway(damaged, MORE.subList(0, 12));
            }
        }
    }

    @Property(tries = 500)
    void oneWrongByteIsReadOrRefused(@ForAll("states") byte[] state, @ForAll int where, @ForAll byte wrong) {
        byte[] damaged = state.clone();
        damaged[Math.floorMod(where, damaged.length)] = wrong;
        readAnyway(damaged);
    }

    @Property(tries = 300)
    void manyWrongBytesAreReadOrRefused(@ForAll("states") byte[] state, @ForAll int where, @ForAll byte[] wrong) {
        byte[] damaged = state.clone();
        for (int i = 0; i < wrong.length; i++) {
            damaged[Math.floorMod(where + 7 * i, damaged.length)] = wrong[i];
        }
        readAnyway(damaged);
    }

    @Property(tries = 300)
    void aCutStateIsReadOrRefused(@ForAll("states") byte[] state, @ForAll int where) {
        readAnyway(Arrays.copyOf(state, Math.floorMod(where, state.length)));
    }

    @Property(tries = 300)
    void anythingElseIsReadOrRefused(@ForAll byte[] bytes) {
        readAnyway(bytes);
    }

    /** Any exception but the refusal fails the property, also when the state is used. */
    private static void readAnyway(byte[] bytes) {
        readAnyway(bytes, MORE);
    }

    private static void readAnyway(byte[] bytes, List<RunRecord> more) {
        RunState run;
        try {
            run = CODEC.decode(bytes);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
            return;
        }
        for (RunRecord record : more) {
            WATCH.apply(run, record, alert -> {});
        }
        WATCH.snapshot(run);
        CODEC.encode(run);
    }
}

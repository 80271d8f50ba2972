package dev.gradwatch.detection.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.codec.FieldReader;
import dev.gradwatch.detection.codec.FieldWriter;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.HealthyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RunStateCodecTest {

    private final RunStateCodec codec = new RunStateCodec();

    static Stream<RunLog> runs() {
        return Stream.concat(
                FaultyRuns.all().values().stream(),
                Stream.of(
                        HealthyRuns.classifier(0),
                        HealthyRuns.epochsOnly(0),
                        HealthyRuns.frozenBackbone(0),
                        HealthyRuns.cosine(0)));
    }

    /** A crash may come between any two records. */
    @ParameterizedTest
    @MethodSource("runs")
    void goesOnFromBytesAtEveryStepAsIfNothingHadHappened(RunLog log) {
        RunWatch watch = new RunWatch(DetectionSettings.defaults());
        List<Alert> alerts = new ArrayList<>();
        byte[] bytes = codec.encode(watch.newRun(log.records().get(0).runId()));
        for (RunRecord record : log.records()) {
            RunState run = codec.decode(bytes);
            watch.apply(run, record, alerts::add);
            bytes = codec.encode(run);
        }

        WatchedRun straight = WatchedRun.run(log);
        assertThat(alerts).isEqualTo(straight.alerts());
        assertThat(bytes).isEqualTo(codec.encode(straight.state()));
        assertThat(watch.snapshot(codec.decode(bytes)))
                .isEqualTo(straight.watch().snapshot(straight.state()));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void equalStatesGiveEqualBytes(RunLog log) {
        byte[] bytes = codec.encode(WatchedRun.run(log).state());

        assertThat(codec.encode(WatchedRun.run(log).state())).isEqualTo(bytes);
        assertThat(codec.encode(codec.decode(bytes))).isEqualTo(bytes);
    }

    @Test
    void keepsRegistrationAndOpenAlertsWordForWord() {
        WatchedRun run = WatchedRun.run(RunLog.of("r")
                .started(HealthyRuns.tenClasses()
                        .name("näme\n\u0000")
                        .tags(Map.of("node", "gpu-7", "commit", "abc", "empty", ""))
                        .stopOn(List.of("loss-divergence"))
                        .plannedSteps(Long.MAX_VALUE)
                        .baselineLoss(-0.0)
                        .build())
                .step(Double.NaN, Double.POSITIVE_INFINITY));
        RunState restored = codec.decode(codec.encode(run.state()));

        assertThat(restored.registration()).isEqualTo(run.state().registration());
        assertThat(restored.alerts().open()).hasSize(1);
        assertThat(restored.alerts().open().get(0).last())
                .isEqualTo(run.state().alerts().open().get(0).last());
    }

    @Test
    void skipsASectionItDoesNotKnow() {
        WatchedRun run = WatchedRun.run(FaultyRuns.plateau());
        Map<Long, byte[]> sections = sections(codec.encode(run.state()));
        sections.put(99L, new byte[] {1, 2, 3});

        assertThat(codec.encode(codec.decode(join(1, sections)))).isEqualTo(codec.encode(run.state()));
    }

    @Test
    void startsASectionAfreshThatIsMissing() {
        WatchedRun run = WatchedRun.run(FaultyRuns.plateau());
        Map<Long, byte[]> sections = sections(codec.encode(run.state()));
        for (long number : List.copyOf(sections.keySet())) {
            if (number == 1) {
                continue;
            }
            Map<Long, byte[]> without = new LinkedHashMap<>(sections);
            without.remove(number);
            RunState restored = codec.decode(join(1, without));
            assertThat(restored.runId()).isEqualTo("plateau");
            assertThat(sections(codec.encode(restored)).get(number))
                    .as("section %d", number)
                    .isEqualTo(sections(codec.encode(new RunState("plateau"))).get(number));
        }
    }

    @Test
    void refusesAStateWithoutItsFirstSection() {
        Map<Long, byte[]> sections = sections(codec.encode(new RunState("r")));
        sections.remove(1L);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> codec.decode(join(1, sections)))
                .withMessageContaining("without its first section");
    }

    @Test
    void refusesALaterVersionAndSaysWhatToDo() {
        byte[] later = join(2, sections(codec.encode(new RunState("r"))));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> codec.decode(later))
                .withMessageContaining("version 2")
                .withMessageContaining("reads 1 to 1")
                .withMessageContaining("start the version that wrote it, or reset the local state");
    }

    private static Map<Long, byte[]> sections(byte[] bytes) {
        FieldReader reader = new FieldReader(bytes);
        reader.varint(0);
        Map<Long, byte[]> sections = new LinkedHashMap<>();
        while (!reader.atEnd()) {
            sections.put(reader.varint(0), reader.bytes());
        }
        return sections;
    }

    private static byte[] join(int version, Map<Long, byte[]> sections) {
        FieldWriter writer = new FieldWriter();
        writer.varint(version);
        sections.forEach((number, content) -> {
            writer.varint(number);
            writer.bytes(content);
        });
        return writer.toByteArray();
    }
}

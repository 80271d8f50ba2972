package dev.gradwatch.commands.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.recorded.RecordedRun;
import dev.gradwatch.recorded.RecordedRuns;
import dev.gradwatch.wire.TrainingEvents;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayScheduleTest {

    private static final Path RUNS = Path.of("../recorded-runs/src/test/resources/recorded");
    private static final List<Path> FILES = List.of(
            RUNS.resolve("healthy.jsonl"), RUNS.resolve("zero-gradients.jsonl"), RUNS.resolve("non-finite.jsonl"));

    @Test
    void publishesEveryRunInItsOwnOrderAndUnchanged() throws Exception {
        for (int mostOpen : new int[] {1, 2, 10}) {
            List<RunRecord> played = new ArrayList<>();
            long last = 0;
            try (ReplaySchedule schedule = new ReplaySchedule(FILES, mostOpen)) {
                for (var due = schedule.next(); due != null; due = schedule.next()) {
                    assertThat(due.dueMillis()).isGreaterThanOrEqualTo(last);
                    last = due.dueMillis();
                    played.add(due.record());
                }
            }
            for (Path file : FILES) {
                List<RunRecord> alone = read(file);
                String run = alone.get(0).runId();
                assertThat(played.stream().filter(record -> record.runId().equals(run)))
                        .containsExactlyElementsOf(alone);
            }
        }
    }

    @Test
    void playsRunsTogether() throws Exception {
        try (ReplaySchedule schedule = new ReplaySchedule(FILES, 10)) {
            assertThat(List.of(
                            schedule.next().record().runId(),
                            schedule.next().record().runId(),
                            schedule.next().record().runId()))
                    .containsExactly("healthy-mlp", "digits-dead", "language-model");
        }
    }

    @Test
    void whatIsReadSurvivesTheTopicUnchanged() throws Exception {
        for (Path file : FILES) {
            for (RunRecord record : read(file)) {
                assertThat(TrainingEvents.toRunRecord(TrainingEvents.toAvro(record), record.runId()))
                        .isEqualTo(record);
            }
        }
    }

    @Test
    void understandsSpeeds() {
        assertThat(ReplaySpeed.parse("10x").waitMillis(1000)).isEqualTo(100);
        assertThat(ReplaySpeed.parse("realtime").waitMillis(1000)).isEqualTo(1000);
        assertThat(ReplaySpeed.parse("max").waitMillis(1000)).isZero();
        assertThatThrownBy(() -> ReplaySpeed.parse("-3x")).hasMessageContaining("10x, max or realtime");
        assertThatThrownBy(() -> ReplaySpeed.parse("quick")).hasMessageContaining("quick");
    }

    private static List<RunRecord> read(Path file) throws Exception {
        List<RunRecord> records = new ArrayList<>();
        try (RecordedRun run = RecordedRuns.open(file)) {
            for (RunRecord record = run.next(); record != null; record = run.next()) {
                records.add(record);
            }
        }
        return records;
    }
}

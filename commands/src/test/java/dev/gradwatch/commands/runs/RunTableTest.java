package dev.gradwatch.commands.runs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.commands.terminal.Glyphs;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.Style;
import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.schemas.RunStatus;
import dev.gradwatch.wire.AlertRecords;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunTableTest {

    @ParameterizedTest
    @ValueSource(ints = {70, 80, 100, 120})
    void fitsTheTerminalAndShowsTheGravestFirst(int width) {
        List<RunStatus> runs = List.of(
                status("fine", 2.3, 2.2),
                status("very-long-name-".repeat(8) + "\u001B[2J", Double.NaN, 2.2),
                status("also-fine", 2.3, 2.1));

        List<String> lines = new RunTable(new PageFormat(width, Glyphs.BRAILLE, Style.PLAIN)).lines(runs);

        assertThat(lines).hasSize(5);
        assertThat(lines.get(0)).startsWith("RUN").contains("OPEN ALERTS");
        assertThat(lines.get(1)).startsWith("very-long").contains("non-finite-");
        assertThat(lines.get(4)).isEqualTo("3 runs, 1 with open alerts");
        assertThat(lines)
                .allSatisfy(
                        line -> assertThat(line).hasSizeLessThanOrEqualTo(width).doesNotContain("\u001B"));
        assertThat(lines.get(0).contains("TEAM")).isEqualTo(width >= 90);
    }

    @Test
    void saysSoWithoutRuns() {
        assertThat(new RunTable(new PageFormat(80, Glyphs.BRAILLE, Style.PLAIN)).lines(List.of()))
                .containsExactly("No runs yet.");
    }

    private static RunStatus status(String id, double... losses) {
        RunWatch core = new RunWatch(DetectionSettings.defaults());
        RunState state = core.newRun(id);
        RunStarted registration = RunStarted.builder().name(id).team("vision").build();
        core.apply(state, new RunRecord(id, 1, 0, registration), alert -> {});
        for (int i = 0; i < losses.length; i++) {
            StepNorms step = new StepNorms(i, 0.0, null, losses[i], 1.0, 0.1, List.of());
            core.apply(state, new RunRecord(id, 1, 1000L * i, new GradientNorms(List.of(step))), alert -> {});
        }
        return AlertRecords.toAvro(core.snapshot(state));
    }
}

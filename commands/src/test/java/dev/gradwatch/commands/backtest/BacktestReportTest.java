package dev.gradwatch.commands.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.commands.alerts.FinalAlert;
import dev.gradwatch.commands.alerts.FinalAlerts;
import dev.gradwatch.commands.backtest.BacktestReport.Draw;
import dev.gradwatch.commands.terminal.Glyphs;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.Style;
import dev.gradwatch.commands.terminal.TerminalText;
import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.alert.Severity;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The example runs, really drawn, with alerts that this test puts there: a better detector changes no expected text. Written again with
 * {@code -Dgolden.write=true}.
 */
class BacktestReportTest {

    private static final Path EXAMPLES = Path.of("../examples/runs");
    private static final Path EXPECTED = Path.of("src/test/resources/reports");

    @ParameterizedTest
    @CsvSource({"BRAILLE,80", "BRAILLE,120", "ASCII,100"})
    void looksAsExpected(Glyphs glyphs, int width) throws Exception {
        String report = report(new PageFormat(width, glyphs, Style.PLAIN), Draw.ALL, false);

        hold("report-" + glyphs.name().toLowerCase(Locale.ROOT) + "-" + width + ".txt", report);
        assertThat(report.lines())
                .allSatisfy(
                        line -> assertThat(TerminalText.width(line)).as(line).isLessThanOrEqualTo(width));
    }

    @Test
    void explainsEachAlertWhenAskedTo() throws Exception {
        String report = report(new PageFormat(80, Glyphs.BRAILLE, Style.PLAIN), Draw.NONE, true);

        hold("details-80.txt", report);
        assertThat(report.lines())
                .allSatisfy(
                        line -> assertThat(TerminalText.width(line)).as(line).isLessThanOrEqualTo(80));
    }

    @Test
    void coloursWhatItAlsoSaysInWords() throws Exception {
        String coloured = report(new PageFormat(80, Glyphs.BRAILLE, Style.COLOURED), Draw.ALL, false);
        String plain = report(new PageFormat(80, Glyphs.BRAILLE, Style.PLAIN), Draw.ALL, false);

        assertThat(coloured).contains("\u001B[1;31m");
        assertThat(coloured.lines().map(TerminalText::of).map(String::stripTrailing))
                .containsExactlyElementsOf(
                        plain.lines().map(String::stripTrailing).toList());
    }

    @Test
    void drawsOnlyRunsThatDeserveItWhenThereAreMany() throws Exception {
        String report = report(new PageFormat(80, Glyphs.ASCII, Style.PLAIN), Draw.ALERTS, false);

        assertThat(report).containsOnlyOnce("step 0  ").contains("healthy-digits");
    }

    private static String report(PageFormat page, Draw draw, boolean details) throws Exception {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        BacktestReport report = new BacktestReport(out, page, draw, details);
        report.add(List.of(run(
                "corrupt-batch.jsonl",
                FinalAlerts.seen("loss-spike", Severity.INFO, 130, 3, 131L),
                FinalAlerts.seen("exploding-gradients", Severity.WARNING, 159, 4, null))));
        report.add(List.of(run("healthy-digits.jsonl")));
        report.add(List.of(run(
                "learning-rate-10.jsonl", FinalAlerts.seen("note-on-" + "x".repeat(40), Severity.INFO, 2, 0, null))));
        report.finish(1, 2);
        out.flush();
        return text.toString();
    }

    private static BacktestedRun run(String file, FinalAlert... alerts) throws Exception {
        BacktestedRun run = BacktestedRun.watch(EXAMPLES.resolve(file), new RunWatch(DetectionSettings.defaults()));
        return new BacktestedRun(
                run.runId(),
                run.registration(),
                run.records(),
                run.attempts(),
                run.last(),
                List.of(alerts),
                run.curve());
    }

    private static void hold(String name, String report) throws IOException {
        Path file = EXPECTED.resolve(name);
        if (Boolean.getBoolean("golden.write")) {
            Files.createDirectories(EXPECTED);
            Files.writeString(file, report);
        }
        assertThat(report).isEqualTo(Files.readString(file));
    }
}

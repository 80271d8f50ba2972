package dev.gradwatch.commands.backtest;

import static dev.gradwatch.commands.alerts.FinalAlerts.seen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gradwatch.commands.alerts.FinalAlert;
import dev.gradwatch.commands.backtest.AlertDifference.Kind;
import dev.gradwatch.commands.drawing.RunCurve;
import dev.gradwatch.commands.terminal.Glyphs;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.Style;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    private static final BacktestedRun BEFORE = run(
            seen("loss-spike", Severity.INFO, 10, 1, 11L),
            seen("overfitting", Severity.WARNING, 50, 5, null),
            seen("loss-plateau", Severity.WARNING, 20, 2, null),
            seen("zero-gradients", Severity.CRITICAL, 5, 0, null));
    private static final BacktestedRun AFTER = run(
            seen("zero-gradients", Severity.CRITICAL, 5, 0, null),
            seen("loss-spike", Severity.WARNING, 10, 1, 11L),
            seen("overfitting", Severity.WARNING, 40, 4, 60L),
            seen("loss-divergence", Severity.CRITICAL, 30, 3, null));

    @Test
    void namesWhatAppearsDisappearsAndChangesAndNothingElse() {
        List<AlertDifference> differences = AlertDifference.between(BEFORE, AFTER);

        assertThat(differences)
                .extracting(difference -> difference.either().alert().detector(), difference -> difference.kind())
                .containsExactly(
                        tuple("loss-spike", Kind.CHANGED),
                        tuple("overfitting", Kind.CHANGED),
                        tuple("loss-plateau", Kind.REMOVED),
                        tuple("loss-divergence", Kind.ADDED));
        assertThat(AlertDifference.between(BEFORE, BEFORE)).isEmpty();
    }

    @Test
    void pairsAlertsThatOpenedAtOnePlaceBeforeOthersOfTheirDetector() {
        BacktestedRun before = run(
                seen("overfitting", Severity.WARNING, 6, 6, 13L), seen("overfitting", Severity.WARNING, 43, 43, null));
        BacktestedRun after = run(seen("overfitting", Severity.WARNING, 43, 43, null));

        assertThat(AlertDifference.between(before, after)).singleElement().satisfies(difference -> {
            assertThat(difference.kind()).isEqualTo(Kind.REMOVED);
            assertThat(difference.before().opened().step()).isEqualTo(6);
        });
    }

    @Test
    void printsDifferencesByRunAndTheirSums() {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        ComparisonReport report = new ComparisonReport(
                out,
                new PageFormat(80, Glyphs.ASCII, Style.PLAIN),
                "Compared with the built-in settings:",
                List.of("overfitting.rise = 1.2 instead of 1.08 (x the best)"));
        report.add(List.of(BEFORE, AFTER));
        report.add(List.of(BEFORE, BEFORE));
        report.finish(0, 0.5);
        out.flush();

        assertThat(text.toString()).isEqualToNormalizingNewlines("""
                Compared with the built-in settings:
                  overfitting.rise = 1.2 instead of 1.08 (x the best)

                digits
                  ~ WARNING   loss-spike                was info
                  ~ WARNING   overfitting               opens earlier, at step 40 instead of
                                step 50; is over at step 60 instead of staying open
                  - WARNING   loss-plateau              from step 20  corrupt batch (0.50)
                  + CRITICAL  loss-divergence           from step 30  corrupt batch (0.50)

                1 of 2 runs would say something else, 200 records in 0.5 s
                  +     1 added (1 critical)
                  -     1 removed (1 warning)
                  ~     2 changed (2 warnings, 1 earlier, 0 later)
                  runs with a warning or worse: 2 before, 2 after
                """);
    }

    @Test
    void writesADifferenceALineForPrograms() throws Exception {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        new BacktestJson(out).add(List.of(BEFORE, AFTER));
        out.flush();

        List<String> lines = text.toString().lines().toList();
        assertThat(lines).hasSize(4);
        JsonNode changed = new ObjectMapper().readTree(lines.get(1));
        assertThat(changed.get("run").asText()).isEqualTo("run");
        assertThat(changed.get("change").asText()).isEqualTo("changed");
        assertThat(changed.get("detector").asText()).isEqualTo("overfitting");
        assertThat(changed.get("before").get("opened_step").asInt()).isEqualTo(50);
        assertThat(changed.get("before").get("resolved_step").isNull()).isTrue();
        assertThat(changed.get("after").get("opened_step").asInt()).isEqualTo(40);
        assertThat(changed.get("after").get("resolved_step").asInt()).isEqualTo(60);
        JsonNode added = new ObjectMapper().readTree(lines.get(3));
        assertThat(added.get("before").isNull()).isTrue();
        assertThat(added.get("after").get("severity").asText()).isEqualTo("critical");
    }

    private static BacktestedRun run(FinalAlert... alerts) {
        RunCurve curve = new RunCurve();
        for (long step = 0; step < 100; step++) {
            curve.add(new GradientNorms(List.of(new StepNorms(step, null, null, 1.0, null, null, List.of()))));
        }
        RunStarted registration = RunStarted.builder().name("digits").build();
        return new BacktestedRun("run", registration, 100, 1, new Position(0, 99L, null), List.of(alerts), curve);
    }
}

package dev.gradwatch.commands.drawing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.commands.alerts.SeverityCounts;
import dev.gradwatch.commands.drawing.DrawingAxis.Mark;
import dev.gradwatch.commands.terminal.Glyphs;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.Style;
import dev.gradwatch.commands.terminal.TerminalText;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.StepNorms;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LossDrawingTest {

    @Property(tries = 150)
    void isNeverWiderThanToldNorTallerThanUsual(
            @ForAll("losses") List<Double> losses,
            @ForAll("losses") List<Double> validation,
            @ForAll @IntRange(min = 40, max = 130) int width,
            @ForAll Glyphs glyphs) {
        RunCurve curve = curve(losses, validation);
        List<Mark> marks = marks(curve, 60);

        List<String> lines = LossDrawing.of(curve, marks, new PageFormat(width, glyphs, Style.PLAIN));

        assertThat(lines).hasSizeBetween(1, LossDrawing.ROWS + 7);
        assertThat(lines).allSatisfy(line -> {
            assertThat(TerminalText.width(line)).isLessThanOrEqualTo(width);
            assertThat(line).doesNotContain("\u001B").doesNotContain("\n");
        });
        if (glyphs == Glyphs.ASCII) {
            assertThat(lines).allSatisfy(line -> assertThat(line).isPrintable().matches("\\p{ASCII}*"));
        }
    }

    @Property(tries = 60)
    void showsEveryColumnThatHasALoss(@ForAll("finiteLosses") List<Double> losses) {
        RunCurve curve = curve(losses, List.of());

        List<String> lines = LossDrawing.of(curve, List.of(), new PageFormat(100, Glyphs.ASCII, Style.PLAIN));

        int floor = lines.size() - 1;
        while (!lines.get(floor).contains("+---")) {
            floor--;
        }
        int margin = lines.get(floor).indexOf("+---") + 1;
        int columns = lines.get(floor).length() - margin;
        List<String> rows = lines.subList(0, floor).stream()
                .map(line -> TerminalText.column(line.substring(margin), LossDrawing.WIDEST))
                .toList();
        for (int column = 0; column < columns; column++) {
            int at = column;
            assertThat(rows).as("column %d of %s", at, lines).anyMatch(row -> row.charAt(at) != ' ');
        }
    }

    @Test
    void drawsAFallingLossFromTheTopLeftToTheBottomRight() {
        List<Double> losses = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            losses.add(3.0 - i * 0.009);
        }

        List<String> lines = LossDrawing.of(
                curve(losses, List.of(3.0, 2.0, 1.0)), List.of(), new PageFormat(60, Glyphs.ASCII, Style.PLAIN));

        assertThat(withoutMargin(lines)).isEqualTo("""
                      3 +''--..         o
                        |      ''---..
                        |             ''--...          o
                   1.66 +                    ''--..
                        |                          ''---..
                        |                                 ''--...     o
                  0.323 +                                        ''--..
                        +----------------------------------------------
                         step 0                                     299
                         -- training loss  o validation loss""");
    }

    @Test
    void marksNaNAtTheTopAndAlertsUnderTheFloor() {
        List<Double> losses = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            losses.add(i < 20 ? 1.0 - i / 40.0 : Double.NaN);
        }
        RunCurve curve = curve(losses, List.of());
        List<Mark> marks = List.of(
                new Mark(new ProgressPoint(10, 0), Severity.INFO, 'a'),
                new Mark(new ProgressPoint(20, 0), Severity.CRITICAL, 'b'),
                new Mark(new ProgressPoint(20, 0), Severity.WARNING, 'c'));

        List<String> lines = LossDrawing.of(curve, marks, new PageFormat(60, Glyphs.ASCII, Style.PLAIN));

        assertThat(withoutMargin(lines)).isEqualTo("""
                      1 +'-.                    xxxxxxxxxxxxxxxxxxxxxxx
                        |   '--.
                        |       '-.
                  0.763 +          '-.
                        |             '-.
                        |                '-.
                  0.525 +                   ''-.
                        +------------i----------!----------------------
                                     a          bc
                         step 0                                      39
                         -- training loss  x NaN or infinite""");
    }

    @Test
    void saysSoWhereThereIsNothingToDraw() {
        assertThat(LossDrawing.of(new RunCurve(), List.of(), new PageFormat(60, Glyphs.ASCII, Style.PLAIN)))
                .containsExactly("  (no loss to draw)");
    }

    @Test
    void usesALogarithmicScaleOnlyWhereALinearOneShowsNothing() {
        assertThat(ValueScale.over(2.3, 0.2).logarithmic()).isFalse();
        assertThat(ValueScale.over(2.3, 0.002).logarithmic()).isTrue();
        assertThat(ValueScale.over(-2.3, 0.002, 400).logarithmic()).isFalse();
        assertThat(ValueScale.over(0, 0.002, 400).height(0)).isZero();
        assertThat(ValueScale.over(-Double.MAX_VALUE, Double.MAX_VALUE).height(0))
                .isEqualTo(0.5);
        assertThat(ValueScale.over()).isNull();
    }

    @Test
    void labelsTellACurveThatHardlyMovesFromALevelOne() {
        ValueScale scale = ValueScale.over(11.5300, 11.4801);

        assertThat(scale.label(scale.high())).isEqualTo("11.53");
        assertThat(scale.label(scale.low())).isEqualTo("11.48");
    }

    @Provide
    static Arbitrary<List<Double>> losses() {
        Arbitrary<Double> wild = Arbitraries.oneOf(
                Arbitraries.doubles(),
                Arbitraries.doubles().between(0, 3),
                Arbitraries.of(
                        Double.NaN,
                        Double.POSITIVE_INFINITY,
                        Double.NEGATIVE_INFINITY,
                        0.0,
                        -0.0,
                        Double.MIN_VALUE,
                        Double.MAX_VALUE,
                        -Double.MAX_VALUE));
        Arbitrary<Double> constant = Arbitraries.just(0.5);
        return Arbitraries.oneOf(
                wild.list().ofMaxSize(40),
                Arbitraries.doubles().between(0, 3).list().ofMaxSize(1500),
                constant.list().ofMaxSize(10));
    }

    @Provide
    static Arbitrary<List<Double>> finiteLosses() {
        return Arbitraries.doubles()
                .between(1e-3, 1e3)
                .ofScale(4)
                .list()
                .ofMinSize(2)
                .ofMaxSize(1500);
    }

    private static String withoutMargin(List<String> lines) {
        return lines.stream().map(line -> line.substring(2)).collect(Collectors.joining("\n"));
    }

    private static RunCurve curve(List<Double> losses, List<Double> validation) {
        RunCurve curve = new RunCurve();
        int each = Math.max(1, losses.size() / Math.max(1, validation.size()));
        int next = 0;
        for (int i = 0; i < losses.size(); i++) {
            curve.add(new GradientNorms(List.of(new StepNorms(i, null, null, losses.get(i), null, null, List.of()))));
            if (i % each == each - 1 && next < validation.size()) {
                curve.add(new EpochCompleted(
                        null, (long) i, null, validation.get(next++), null, null, null, null, Map.of()));
            }
        }
        return curve;
    }

    private static List<Mark> marks(RunCurve curve, int count) {
        List<Mark> marks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double steps = curve.course().place().steps() * i / count;
            marks.add(new Mark(
                    new ProgressPoint(steps, 0), SeverityCounts.GRAVEST_FIRST.get(i % 3), DrawingAxis.letter(i)));
        }
        return marks;
    }
}

package dev.gradwatch.commands.drawing;

import dev.gradwatch.commands.drawing.DrawingAxis.Mark;
import dev.gradwatch.commands.terminal.Glyphs;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.Style;
import dev.gradwatch.commands.terminal.TerminalText;
import dev.gradwatch.detection.alert.Severity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;

/**
 * A run's losses as a small picture: the training loss as a line, the validation loss as circles, what is not finite at the top, alerts
 * under the floor where they opened. Never wider than it was told.
 */
public final class LossDrawing {

    static final int ROWS = 7;
    static final int WIDEST = 72;

    private static final int LEVEL_ROWS = 3;
    private static final int WIDEST_LABEL = 10;

    /** Circles stand at least so far apart, so that they do not hide the line. */
    private static final int CIRCLES_APART = 3;

    private static final String MARGIN = "  ";

    private final RunCurve curve;
    private final PageFormat page;
    private final int columns;
    private final ColumnCurve training;
    private final ColumnCurve validation;
    private final ValueScale scale;
    private final int rows;
    private final String[] labels;
    private final int labelWidth;
    private final int[][] dots;
    private final boolean[][] circles;
    private final boolean[] strange;
    private final boolean[] turns;

    private LossDrawing(RunCurve curve, PageFormat page) {
        this.curve = curve;
        this.page = page;
        // The side needs the scale, and the scale what is drawn: labels take their widest, so that the columns are
        // known first.
        this.columns = Math.max(1, Math.min(WIDEST, page.width() - MARGIN.length() - WIDEST_LABEL - 2));
        this.training = ColumnCurve.of(curve.training(), columns * page.glyphs().across, this::dotColumn);
        this.validation = ColumnCurve.of(curve.validation(), columns, this::column);
        this.scale = ValueScale.over(
                DoubleStream.concat(training.values(), validation.values()).toArray());
        this.rows = scale == null ? 1 : scale.isLevel() ? LEVEL_ROWS : ROWS;
        this.labels = new String[rows];
        this.labelWidth = label();
        this.dots = new int[rows][columns];
        this.circles = new boolean[rows][columns];
        this.strange = new boolean[columns];
        this.turns = new boolean[columns];
    }

    /** The picture line by line; a single line that says so where no loss is known. */
    public static List<String> of(RunCurve curve, List<Mark> marks, PageFormat page) {
        if (curve.training().size() == 0 && curve.validation().size() == 0) {
            return List.of(MARGIN + page.style().faint("(no loss to draw)"));
        }
        return new LossDrawing(curve, page).lines(marks);
    }

    private List<String> lines(List<Mark> marks) {
        drawTraining();
        drawValidation();
        curve.course().turns().forEach(place -> turns[column(place)] = true);
        List<String> lines = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            char side = labels[row].isEmpty() ? page.glyphs().side : page.glyphs().sideLabelled;
            String left = MARGIN + " ".repeat(labelWidth - labels[row].length()) + labels[row] + " " + side;
            lines.add((page.style().faint(left) + cells(row)).stripTrailing());
        }
        int margin = MARGIN.length() + labelWidth + 2;
        lines.addAll(new DrawingAxis(marks, this::column, page, margin, columns).lines());
        lines.addAll(new DrawingLegend(curve, scale, page, margin, columns).lines());
        return lines;
    }

    /** Fills the labels of the side and returns how wide they are. */
    private int label() {
        Arrays.fill(labels, "");
        if (scale != null) {
            labels[rows / 2] = label(scale.at(0.5));
            if (!scale.isLevel()) {
                labels[0] = label(scale.high());
                labels[rows - 1] = label(scale.low());
            }
        }
        return Arrays.stream(labels).mapToInt(String::length).max().orElse(0);
    }

    private String label(double value) {
        return TerminalText.cut(scale.label(value), WIDEST_LABEL);
    }

    private void drawTraining() {
        int before = -1;
        int lastStrange = -1;
        for (int x = 0; x < training.size(); x++) {
            if (training.isStrange(x)) {
                int from = lastStrange < 0 ? x : lastStrange;
                Arrays.fill(strange, from / page.glyphs().across, x / page.glyphs().across + 1, true);
                lastStrange = x;
            }
            if (training.isDrawable(x)) {
                int y = dotRow(training.mean(x));
                if (before >= 0) {
                    connect(before, dotRow(training.mean(before)), x, y);
                }
                fill(x, y, dotRow(training.high(x)));
                before = x;
                lastStrange = -1;
            } else if (training.isStrange(x)) {
                before = -1;
            }
        }
    }

    private void drawValidation() {
        int lastColumn = -CIRCLES_APART;
        int lastRow = -1;
        for (int column = 0; column < columns; column++) {
            strange[column] |= validation.isStrange(column);
            if (!validation.isDrawable(column)) {
                continue;
            }
            int row = dotRow(validation.mean(column)) / page.glyphs().down;
            if (row != lastRow || column - lastColumn >= CIRCLES_APART) {
                circles[row][column] = true;
                lastColumn = column;
                lastRow = row;
            }
        }
    }

    /** Steps from one dot to the next, each column filled to where the line stands in the one before. */
    private void connect(int fromX, int fromY, int toX, int toY) {
        int last = fromY;
        for (int x = fromX; x <= toX; x++) {
            double share = toX == fromX ? 1 : (x - fromX) / (double) (toX - fromX);
            int y = (int) Math.round(fromY + share * (toY - fromY));
            int towards = y == last ? y : last + Integer.signum(y - last);
            fill(x, towards, y);
            last = y;
        }
    }

    private void fill(int x, int oneY, int otherY) {
        Glyphs glyphs = page.glyphs();
        for (int y = Math.min(oneY, otherY); y <= Math.max(oneY, otherY); y++) {
            dots[y / glyphs.down][x / glyphs.across] |= 1 << (y % glyphs.down * glyphs.across + x % glyphs.across);
        }
    }

    private int dotColumn(ProgressPoint place) {
        return (int) Math.round(curve.course().share(place) * (columns * page.glyphs().across - 1));
    }

    private int column(ProgressPoint place) {
        return dotColumn(place) / page.glyphs().across;
    }

    /** From the top. */
    private int dotRow(double value) {
        return (int) Math.round((1 - scale.height(value)) * (rows * page.glyphs().down - 1));
    }

    private String cells(int row) {
        StringBuilder text = new StringBuilder();
        StringBuilder same = new StringBuilder();
        Ink ink = Ink.NONE;
        for (int column = 0; column < columns; column++) {
            Ink next = ink(row, column);
            if (next != ink) {
                text.append(ink.in(page.style()).apply(same.toString()));
                same.setLength(0);
                ink = next;
            }
            same.append(
                    switch (next) {
                        case STRANGE -> page.glyphs().notFinite;
                        case VALIDATION -> page.glyphs().circle;
                        case TRAINING -> page.glyphs().cell(dots[row][column]);
                        case TURN -> page.glyphs().turn;
                        case NONE -> ' ';
                    });
        }
        return text.append(ink.in(page.style()).apply(same.toString())).toString();
    }

    private Ink ink(int row, int column) {
        if (row == 0 && strange[column]) {
            return Ink.STRANGE;
        }
        if (circles[row][column]) {
            return Ink.VALIDATION;
        }
        if (dots[row][column] != 0) {
            return Ink.TRAINING;
        }
        return turns[column] ? Ink.TURN : Ink.NONE;
    }

    /** What a character shows. */
    private enum Ink {
        NONE,
        TRAINING,
        VALIDATION,
        STRANGE,
        TURN;

        UnaryOperator<String> in(Style style) {
            return switch (this) {
                case NONE, TRAINING -> text -> text;
                case VALIDATION -> style::second;
                case STRANGE -> text -> style.severity(Severity.CRITICAL, text);
                case TURN -> style::faint;
            };
        }
    }
}

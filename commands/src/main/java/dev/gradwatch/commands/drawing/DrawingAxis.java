package dev.gradwatch.commands.drawing;

import dev.gradwatch.commands.terminal.Glyphs;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.detection.alert.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/** The floor of a drawing with the alerts on it, each where it opened, and the letters that the list below calls them by. */
public final class DrawingAxis {

    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /**
     * An alert under the curve.
     *
     * @param letter by which the list below calls it
     */
    public record Mark(ProgressPoint place, Severity severity, char letter) {}

    private final List<Mark> marks;
    private final ToIntFunction<ProgressPoint> column;
    private final PageFormat page;
    private final int margin;
    private final int columns;

    /**
     * @param column of a place in the drawing
     * @param margin columns to the left of the drawing
     * @param columns of the drawing itself
     */
    DrawingAxis(List<Mark> marks, ToIntFunction<ProgressPoint> column, PageFormat page, int margin, int columns) {
        this.marks = marks;
        this.column = column;
        this.page = page;
        this.margin = margin;
        this.columns = columns;
    }

    /** What the drawing and the list call the alert with this number. */
    public static char letter(int number) {
        return number < LETTERS.length() ? LETTERS.charAt(number) : '*';
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(floor());
        if (!marks.isEmpty()) {
            lines.add(" ".repeat(margin) + letters());
        }
        return lines;
    }

    private String floor() {
        Glyphs glyphs = page.glyphs();
        Severity[] gravest = new Severity[columns];
        for (Mark mark : marks) {
            int at = column.applyAsInt(mark.place());
            if (gravest[at] == null || gravest[at].compareTo(mark.severity()) < 0) {
                gravest[at] = mark.severity();
            }
        }
        StringBuilder text = new StringBuilder();
        StringBuilder same = new StringBuilder(" ".repeat(margin - 1) + glyphs.corner);
        for (Severity severity : gravest) {
            if (severity == null) {
                same.append(glyphs.floor);
            } else {
                text.append(page.style().faint(same.toString()));
                same.setLength(0);
                text.append(page.style().severity(severity, String.valueOf(glyphs.mark(severity))));
            }
        }
        return text.append(page.style().faint(same.toString())).toString();
    }

    /** Each letter under its mark, or as near as there is room; without room a letter stands in the list alone. */
    private String letters() {
        Mark[] placed = new Mark[columns];
        for (Mark mark : marks) {
            int at = nearestFree(placed, column.applyAsInt(mark.place()));
            if (at >= 0) {
                placed[at] = mark;
            }
        }
        StringBuilder text = new StringBuilder();
        for (Mark mark : placed) {
            text.append(mark == null ? " " : page.style().severity(mark.severity(), String.valueOf(mark.letter())));
        }
        return text.toString().stripTrailing();
    }

    private static int nearestFree(Mark[] placed, int wanted) {
        for (int distance = 0; distance < placed.length; distance++) {
            if (wanted + distance < placed.length && placed[wanted + distance] == null) {
                return wanted + distance;
            }
            if (wanted - distance >= 0 && placed[wanted - distance] == null) {
                return wanted - distance;
            }
        }
        return -1;
    }
}

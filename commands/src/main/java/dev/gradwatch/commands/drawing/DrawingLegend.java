package dev.gradwatch.commands.drawing;

import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.Style;
import dev.gradwatch.commands.terminal.TerminalText;
import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.alert.Severity;
import java.util.ArrayList;
import java.util.List;

/** The line under a drawing: where it begins and ends, and what its characters mean. */
final class DrawingLegend {

    private static final String GAP = "  ";

    private final RunCurve curve;
    private final ValueScale scale;
    private final PageFormat page;
    private final int margin;
    private final int columns;

    /**
     * @param scale {@code null} when nothing is finite
     * @param margin columns to the left of the drawing
     * @param columns of the drawing itself
     */
    DrawingLegend(RunCurve curve, ValueScale scale, PageFormat page, int margin, int columns) {
        this.curve = curve;
        this.scale = scale;
        this.page = page;
        this.margin = margin;
        this.columns = columns;
    }

    /** One line where all fits, else the meanings on lines of their own. */
    List<String> lines() {
        TrainingProgress course = curve.course();
        boolean steps = course.isInSteps();
        String first = place(steps, course.firstStep(), course.firstEpoch());
        String last = place(steps, course.lastStep(), course.lastEpoch());
        String begin = TerminalText.cut((steps ? "step " : "epoch ") + first, columns);
        int room = columns - begin.length() - last.length();
        List<String> meanings = meanings();
        List<String> coloured = meanings.stream().map(this::coloured).toList();
        String all = String.join(GAP, meanings);
        int free = room - all.length();
        if (free >= 4) {
            String line = begin + " ".repeat(free / 2) + String.join(GAP, coloured) + " ".repeat(free - free / 2);
            return List.of(" ".repeat(margin) + line + last);
        }
        List<String> lines = new ArrayList<>();
        lines.add(" ".repeat(margin) + (room < 1 ? begin : begin + " ".repeat(room) + last));
        addWrapped(lines, meanings, coloured);
        return lines;
    }

    private void addWrapped(List<String> lines, List<String> meanings, List<String> coloured) {
        StringBuilder line = new StringBuilder();
        int used = 0;
        for (int i = 0; i < meanings.size(); i++) {
            int width = meanings.get(i).length();
            if (used > 0 && used + GAP.length() + width > columns) {
                lines.add(" ".repeat(margin) + line);
                line.setLength(0);
                used = 0;
            }
            line.append(used > 0 ? GAP : "")
                    .append(width > columns ? meanings.get(i).substring(0, columns) : coloured.get(i));
            used += (used > 0 ? GAP.length() : 0) + width;
        }
        if (used > 0) {
            lines.add(" ".repeat(margin) + line);
        }
    }

    private List<String> meanings() {
        List<String> meanings = new ArrayList<>();
        Envelope training = curve.training();
        Envelope validation = curve.validation();
        if (isAny(training, false)) {
            meanings.add(page.glyphs().line + " training loss");
        }
        if (isAny(validation, false)) {
            meanings.add(page.glyphs().circle + " validation loss");
        }
        if (isAny(training, true) || isAny(validation, true)) {
            meanings.add(page.glyphs().notFinite + " NaN or infinite");
        }
        if (!curve.course().turns().isEmpty()) {
            meanings.add(page.glyphs().turn + " next attempt");
        }
        if (scale != null && scale.logarithmic()) {
            meanings.add("(log scale)");
        }
        return meanings;
    }

    private String coloured(String meaning) {
        Style style = page.style();
        if (meaning.charAt(0) == page.glyphs().circle) {
            return style.second(meaning);
        }
        return meaning.charAt(0) == page.glyphs().notFinite
                ? style.severity(Severity.CRITICAL, meaning)
                : style.faint(meaning);
    }

    private static boolean isAny(Envelope curve, boolean strange) {
        for (int i = 0; i < curve.size(); i++) {
            if (strange ? curve.isStrange(i) : curve.isDrawable(i)) {
                return true;
            }
        }
        return false;
    }

    private static String place(boolean steps, Long step, Double epoch) {
        if (steps) {
            return Long.toString(step);
        }
        return epoch == null ? "?" : NumberText.number(epoch);
    }
}

package dev.gradwatch.commands.backtest;

import dev.gradwatch.commands.alerts.AlertCard;
import dev.gradwatch.commands.alerts.FinalAlert;
import dev.gradwatch.commands.drawing.DrawingAxis;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.TerminalText;
import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.ProbableCause;
import java.util.ArrayList;
import java.util.List;

/** The alerts of a run, a line each: how grave, which detector, from where to where, what it probably is. */
final class AlertLines {

    static final int SEVERITY = 8;

    private static final int WIDEST_DETECTOR = 28;
    private static final int WIDEST_PLACE = 26;
    private static final String GAP = "  ";

    private AlertLines() {}

    /** In the order of the run; columns are as wide as this run needs them. */
    static List<String> of(BacktestedRun run, PageFormat page) {
        boolean inSteps = run.curve().course().isInSteps();
        List<String> places = new ArrayList<>();
        int detectorWidth = 0;
        int placeWidth = 0;
        for (FinalAlert seen : run.alerts()) {
            String place = place(seen, inSteps);
            places.add(place);
            placeWidth = Math.max(placeWidth, place.length());
            detectorWidth = Math.max(
                    detectorWidth,
                    TerminalText.width(TerminalText.of(seen.alert().detector())));
        }
        detectorWidth = Math.min(WIDEST_DETECTOR, detectorWidth);
        placeWidth = Math.min(WIDEST_PLACE, placeWidth);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < places.size(); i++) {
            FinalAlert seen = run.alerts().get(i);
            String rest = TerminalText.column(TerminalText.of(seen.alert().detector()), detectorWidth)
                    + GAP
                    + TerminalText.column(places.get(i), placeWidth)
                    + GAP
                    + cause(seen);
            int before = 2 + 2 + SEVERITY + GAP.length();
            lines.add("  " + page.style().bold(String.valueOf(DrawingAxis.letter(i))) + " "
                    + page.style()
                            .severity(
                                    seen.alert().severity(),
                                    TerminalText.column(seen.alert().severity().name(), SEVERITY))
                    + GAP
                    + TerminalText.cut(rest.stripTrailing(), page.width() - before));
        }
        return lines;
    }

    /** From where to where, in the run's own unit where the alert has it. */
    static String place(FinalAlert seen, boolean inSteps) {
        String opened = at(seen.opened(), inSteps);
        if (!seen.isOver() || seen.ended() == null) {
            return "from " + opened;
        }
        String ended = at(seen.ended(), inSteps);
        String unit = opened.substring(0, opened.indexOf(' ') + 1);
        return opened + " to " + (!unit.isEmpty() && ended.startsWith(unit) ? ended.substring(unit.length()) : ended);
    }

    static String at(Position position, boolean inSteps) {
        boolean step = position.step() != null && (inSteps || position.epoch() == null);
        if (step) {
            return "step " + position.step();
        }
        return position.epoch() == null ? "its start" : "epoch " + NumberText.number(position.epoch());
    }

    /** The most probable cause with its confidence, or nothing. */
    static String cause(FinalAlert seen) {
        List<ProbableCause> causes = seen.alert().causes();
        return causes.isEmpty() ? "" : AlertCard.named(causes.get(0));
    }
}

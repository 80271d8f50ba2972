package dev.gradwatch.app.edge.cli;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.diagnosis.CauseCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An alert as people read it: what, where, why it probably is, what to do. At most {@value #WIDTH} columns wide. Everything in an alert
 * may come from a run, so every text is made plain first.
 */
public final class AlertCard {

    public static final int WIDTH = 100;

    private static final int LABEL = 9;
    private static final int MOST_CAUSES = 3;
    private static final int LONGEST_NAME = 40;

    private AlertCard() {}

    /**
     * One moment of an alert: several lines while it is open, one line when it ends; without a line end after the last.
     *
     * @param runName what people call the run; the run id when {@code null}
     * @param team {@code null} when unknown
     */
    public static String of(Alert alert, String runName, String team, Style style) {
        List<String> lines = new ArrayList<>();
        lines.add(heading(alert, runName, team, style));
        if (alert.state().isOpen()) {
            addBody(lines, alert);
        }
        return String.join("\n", lines);
    }

    /** The whole of an alert in its last state, for reports written after the run. */
    static String inFull(Alert alert, String runName, String team, Style style) {
        List<String> lines = new ArrayList<>();
        lines.add(openingHeading(alert, runName, team, "", style));
        addBody(lines, alert);
        if (alert.ended() != null) {
            String how = alert.state() == AlertState.CLOSED ? "with the run at " : "the run recovered at ";
            addLabelled(lines, "Ended", List.of(how + at(alert.ended())));
        }
        return String.join("\n", lines);
    }

    /** A place in a run in words. */
    public static String at(Position position) {
        String step = position.step() == null ? null : "step " + position.step();
        String epoch = position.epoch() == null ? null : "epoch " + number(position.epoch());
        if (step == null && epoch == null) {
            return "its start";
        }
        return step == null ? epoch : epoch == null ? step : step + ", " + epoch;
    }

    static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        String text = String.format(Locale.ROOT, "%.4g", value);
        return text.contains("e") || !text.contains(".") ? text : text.replaceAll("\\.?0+$", "");
    }

    private static String heading(Alert alert, String runName, String team, Style style) {
        if (alert.state().isOpen()) {
            String note = switch (alert.state()) {
                case ESCALATED -> " (escalated)";
                case UPDATED -> " (still open)";
                default -> "";
            };
            return openingHeading(alert, runName, team, note, style);
        }
        String tag = alert.state() == AlertState.RESOLVED ? "RESOLVED" : "CLOSED";
        Position ended = alert.ended() == null ? alert.updated() : alert.ended();
        String rest = rest(alert, runName, team, at(ended));
        return style.good(PlainText.column(tag, LABEL)) + " " + rest;
    }

    private static String openingHeading(Alert alert, String runName, String team, String note, Style style) {
        String tag = PlainText.column(alert.severity().name(), LABEL);
        return style.severity(alert.severity(), tag) + " " + rest(alert, runName, team, at(alert.opened()) + note);
    }

    private static String rest(Alert alert, String runName, String team, String place) {
        String detector = PlainText.cut(PlainText.of(alert.detector()), LONGEST_NAME);
        String group = team == null || team.isBlank() ? "" : PlainText.cut(PlainText.of(team), 20) + ", ";
        String where = "  (" + group + "attempt " + alert.attempt() + ")  " + place;
        String name = PlainText.of(runName == null ? alert.runId() : runName);
        int room = WIDTH - LABEL - 1 - PlainText.width(detector) - 2 - PlainText.width(where);
        return PlainText.cut(detector + "  " + PlainText.cut(name, Math.max(8, room)) + where, WIDTH - LABEL - 1);
    }

    private static void addBody(List<String> lines, Alert alert) {
        lines.addAll(PlainText.wrap(PlainText.of(alert.summary()), WIDTH));
        List<String> likely = new ArrayList<>();
        for (ProbableCause cause :
                alert.causes().subList(0, Math.min(MOST_CAUSES, alert.causes().size()))) {
            likely.add(likely(cause));
        }
        addLabelled(lines, "Likely", likely);
        if (!alert.causes().isEmpty()) {
            addLabelled(lines, "Do", List.of(PlainText.of(alert.causes().get(0).remedy())));
        }
        if (!alert.symptoms().isEmpty()) {
            addLabelled(lines, "Also", List.of(PlainText.of(String.join(", ", alert.symptoms())) + " (same fault)"));
        }
        if (!alert.missingEvidence().isEmpty()) {
            addLabelled(lines, "Missing", List.of(PlainText.of(String.join("; ", alert.missingEvidence()))));
        }
        List<String> restart = restart(alert);
        if (!restart.isEmpty()) {
            addLabelled(lines, "Restart", List.of(String.join("; ", restart)));
        }
        if (alert.stopRecommended()) {
            addLabelled(lines, "Stop", List.of("recommended: the run allows it and will not recover by itself"));
        }
    }

    private static String likely(ProbableCause cause) {
        String name = PlainText.of(CauseCode.titleOf(cause.code()));
        String confidence = String.format(Locale.ROOT, " (%.2f)", cause.confidence());
        String why = String.join("; ", cause.evidenceFor());
        return name + confidence + (why.isBlank() ? "" : ": " + PlainText.of(why));
    }

    private static List<String> restart(Alert alert) {
        List<String> parts = new ArrayList<>();
        if (alert.lastHealthyStep() != null) {
            parts.add("from a checkpoint at or before step " + alert.lastHealthyStep());
        }
        if (alert.bestEpoch() != null) {
            parts.add("best epoch so far: " + number(alert.bestEpoch()));
        }
        return parts;
    }

    private static void addLabelled(List<String> lines, String label, List<String> items) {
        String margin = PlainText.column(label, LABEL);
        for (String item : items) {
            for (String line : PlainText.wrap(item, WIDTH - LABEL)) {
                lines.add(margin + line);
                margin = " ".repeat(LABEL);
            }
        }
    }
}

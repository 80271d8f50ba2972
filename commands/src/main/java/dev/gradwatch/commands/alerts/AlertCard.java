package dev.gradwatch.commands.alerts;

import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.Style;
import dev.gradwatch.commands.terminal.TerminalText;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.alert.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An alert as people read it: what, where, why it probably is, what to do. At most {@value PageFormat#USUAL_WIDTH} columns wide unless told otherwise.
 * Everything in an alert may come from a run, so every text is made plain first.
 */
public final class AlertCard {

    private static final int LABEL = 9;
    private static final int MOST_CAUSES = 3;
    private static final int LONGEST_NAME = 40;
    private static final int SHORTEST_NAME = 8;
    private static final int HANGING = 2;

    private final List<String> lines = new ArrayList<>();
    private final Alert alert;
    private final int width;

    private AlertCard(Alert alert, int width) {
        this.alert = alert;
        this.width = width;
    }

    /**
     * One moment of an alert: several lines while it is open, one line when it ends; without a line end after the last.
     *
     * @param runName what people call the run; the run id when {@code null}
     * @param team {@code null} when unknown
     */
    public static String of(Alert alert, String runName, String team, Style style) {
        return of(alert, runName, team, style, PageFormat.USUAL_WIDTH);
    }

    /** The same, {@code width} columns wide. */
    static String of(Alert alert, String runName, String team, Style style, int width) {
        AlertCard card = new AlertCard(alert, width);
        card.lines.add(card.heading(runName, team, style));
        if (alert.state().isOpen()) {
            card.addBody();
        }
        return String.join("\n", card.lines);
    }

    /**
     * The whole of an alert in its last state, for a report that has named the run before.
     *
     * @param successor the detector whose alert took over; {@code null} where none did
     */
    public static List<String> inFull(FinalAlert seen, String successor, Style style, int width) {
        Alert alert = seen.alert();
        AlertCard card = new AlertCard(alert, width);
        String attempt = alert.attempt() > 1 ? "(attempt " + alert.attempt() + ")  " : "";
        String heading = TerminalText.of(alert.detector()) + "  " + attempt + at(seen.opened());
        card.lines.add(card.tag(style) + TerminalText.cut(heading, width - LABEL - 1));
        card.addBody();
        if (seen.ended() != null) {
            card.addLabelled("Ended", List.of(how(alert, successor) + at(seen.ended())), 0);
        }
        return card.lines;
    }

    private static String how(Alert alert, String successor) {
        return switch (alert.state()) {
            case RESOLVED -> alert.severity() == Severity.INFO ? "over at " : "the run recovered at ";
            case SUPERSEDED ->
                "taken over by " + (successor == null ? "another alert" : TerminalText.of(successor)) + " at ";
            case CLOSED, OPENED, ESCALATED, UPDATED -> "with the run at ";
        };
    }

    /** A place in a run in words. */
    public static String at(Position position) {
        String step = position.step() == null ? null : "step " + position.step();
        String epoch = position.epoch() == null ? null : "epoch " + NumberText.number(position.epoch());
        if (step == null && epoch == null) {
            return "its start";
        }
        return step == null ? epoch : epoch == null ? step : step + ", " + epoch;
    }

    private String heading(String runName, String team, Style style) {
        if (alert.state().isOpen()) {
            String note = switch (alert.state()) {
                case ESCALATED -> " (escalated)";
                case UPDATED -> " (still open)";
                default -> "";
            };
            return openingHeading(runName, team, at(alert.opened()) + note, style);
        }
        Position ended = alert.ended() == null ? alert.updated() : alert.ended();
        String state = alert.state().name();
        int tagWidth = Math.max(LABEL, state.length());
        return style.good(TerminalText.column(state, tagWidth)) + " " + rest(runName, team, at(ended), tagWidth);
    }

    private String openingHeading(String runName, String team, String place, Style style) {
        return tag(style) + rest(runName, team, place, LABEL);
    }

    private String tag(Style style) {
        return style.severity(
                        alert.severity(), TerminalText.column(alert.severity().name(), LABEL))
                + " ";
    }

    /** Where there is no room for all, the name gives way first, then team and attempt. */
    private String rest(String runName, String team, String place, int tagWidth) {
        int room = width - tagWidth - 1;
        String detector = TerminalText.cut(TerminalText.of(alert.detector()), LONGEST_NAME);
        String group = team == null || team.isBlank() ? "" : TerminalText.cut(TerminalText.of(team), 20) + ", ";
        String where = "  (" + group + "attempt " + alert.attempt() + ")";
        String name = TerminalText.of(runName == null ? alert.runId() : runName);
        int fixed = TerminalText.width(detector) + 2 + 2 + TerminalText.width(place);
        if (fixed + TerminalText.width(where) + SHORTEST_NAME > room) {
            where = "";
        }
        String shown = TerminalText.cut(name, Math.max(SHORTEST_NAME, room - fixed - TerminalText.width(where)));
        return TerminalText.cut(detector + "  " + shown + where + "  " + place, room);
    }

    private void addBody() {
        lines.addAll(TerminalText.wrap(TerminalText.of(alert.summary()), width));
        addLabelled(
                "Likely",
                alert.causes().stream()
                        .limit(MOST_CAUSES)
                        .map(AlertCard::likely)
                        .toList(),
                HANGING);
        if (!alert.causes().isEmpty()) {
            addLabelled("Do", List.of(TerminalText.of(alert.causes().get(0).remedy())), 0);
        }
        if (!alert.symptoms().isEmpty()) {
            addLabelled("Also", List.of(TerminalText.of(String.join(", ", alert.symptoms())) + " (same fault)"), 0);
        }
        addLabelled(
                "Missing",
                alert.missingEvidence().stream().map(TerminalText::of).toList(),
                HANGING);
        String recovery = RecoveryText.inFull(alert);
        if (!recovery.isEmpty()) {
            addLabelled("Recovery", List.of(recovery), 0);
        }
        if (alert.stopRecommended()) {
            addLabelled("Stop", List.of("recommended: the run allows it and will not recover by itself"), 0);
        }
    }

    private static String likely(ProbableCause cause) {
        StringBuilder text = new StringBuilder(named(cause));
        String speaksFor = TerminalText.of(String.join("; ", cause.evidenceFor()));
        String against = TerminalText.of(String.join("; ", cause.evidenceAgainst()));
        if (!speaksFor.isBlank()) {
            text.append(": ").append(speaksFor);
        }
        if (!against.isBlank()) {
            text.append(speaksFor.isBlank() ? ", but " : "; but ").append(against);
        }
        return text.toString();
    }

    /** A cause with its confidence. */
    public static String named(ProbableCause cause) {
        return TerminalText.of(CauseCode.titleOf(cause.code()))
                + String.format(Locale.ROOT, " (%.2f)", cause.confidence());
    }

    /** @param hanging how much further in an item's second line stands, so that the next item is seen to begin */
    private void addLabelled(String label, List<String> items, int hanging) {
        String margin = TerminalText.column(label, LABEL);
        for (String item : items) {
            for (String line : TerminalText.wrapHanging(item, width - LABEL, hanging)) {
                lines.add(margin + line);
                margin = " ".repeat(LABEL);
            }
        }
    }
}

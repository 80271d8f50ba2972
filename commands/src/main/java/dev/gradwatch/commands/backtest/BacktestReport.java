package dev.gradwatch.commands.backtest;

import dev.gradwatch.commands.alerts.AlertCard;
import dev.gradwatch.commands.alerts.FinalAlert;
import dev.gradwatch.commands.drawing.DrawingAxis;
import dev.gradwatch.commands.drawing.DrawingAxis.Mark;
import dev.gradwatch.commands.drawing.LossDrawing;
import dev.gradwatch.commands.drawing.TrainingProgress;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.TerminalText;
import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints runs as they are done: a heading, a drawing with the alerts marked on it, a line an alert; and at the end what they come to. */
final class BacktestReport implements BacktestPrinter {

    private static final int VERDICT = 9;
    private static final String GAP = "  ";

    private final PrintWriter out;
    private final PageFormat page;
    private final Draw draw;
    private final boolean details;
    private final BacktestTotals totals = new BacktestTotals();
    private boolean spaced = true;

    /** @param details whether each alert is explained instead of taking one line */
    BacktestReport(PrintWriter out, PageFormat page, Draw draw, boolean details) {
        this.out = out;
        this.page = page;
        this.draw = draw;
        this.details = details;
    }

    @Override
    public void add(List<BacktestedRun> views) {
        BacktestedRun run = views.get(0);
        totals.add(run);
        boolean drawn = draw.draws(run.gravest());
        boolean tall = drawn || !run.alerts().isEmpty();
        if (tall && !spaced) {
            out.println();
        }
        printHeading(run);
        if (drawn) {
            List<Mark> marks = new ArrayList<>();
            for (int i = 0; i < run.alerts().size(); i++) {
                FinalAlert seen = run.alerts().get(i);
                marks.add(new Mark(seen.place(), seen.alert().severity(), DrawingAxis.letter(i)));
            }
            LossDrawing.of(run.curve(), marks, page).forEach(out::println);
        }
        if (details) {
            printCards(run);
        } else {
            AlertLines.of(run, page).forEach(out::println);
        }
        if (tall) {
            out.println();
        }
        spaced = tall;
    }

    @Override
    public void finish(int unreadable, double seconds) {
        if (!spaced) {
            out.println();
        }
        totals.print(out, page, unreadable, seconds);
        if (!details && totals.anyAlerts()) {
            out.println();
            out.println(GAP + page.style().faint("--details explains each alert: why, and what to do"));
        }
    }

    private void printHeading(BacktestedRun run) {
        Severity gravest = run.gravest();
        String verdict = TerminalText.column(gravest == null ? "no alerts" : gravest.name(), VERDICT);
        int room = page.width() - VERDICT - GAP.length();
        String name = TerminalText.cut(run.name(), Math.max(10, room - 20));
        String margin = " ".repeat(VERDICT + GAP.length());
        List<String> lines = TerminalText.wrap(name + GAP + String.join(", ", facts(run)), room);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (i > 0) {
                out.println(margin + page.style().faint(line));
                continue;
            }
            String shownName = line.startsWith(name) ? name : line;
            out.println(
                    (gravest == null ? page.style().good(verdict) : page.style().severity(gravest, verdict))
                            + GAP
                            + page.style().bold(shownName)
                            + page.style().faint(line.substring(shownName.length())));
        }
    }

    private void printCards(BacktestedRun run) {
        for (int i = 0; i < run.alerts().size(); i++) {
            FinalAlert seen = run.alerts().get(i);
            List<String> card = AlertCard.inFull(seen, run.successorOf(seen), page.style(), page.width() - 4);
            String margin = GAP + page.style().bold(String.valueOf(DrawingAxis.letter(i))) + " ";
            for (String line : card) {
                out.println(margin + line);
                margin = " ".repeat(4);
            }
            if (i < run.alerts().size() - 1) {
                out.println();
            }
        }
    }

    private static List<String> facts(BacktestedRun run) {
        List<String> facts = new ArrayList<>();
        facts.add(String.format(Locale.ROOT, "%,d records", run.records()));
        TrainingProgress course = run.curve().course();
        if (course.firstStep() != null) {
            facts.add("step " + course.firstStep() + " to " + course.lastStep());
        }
        if (course.firstEpoch() != null) {
            facts.add(
                    "epoch " + NumberText.number(course.firstEpoch()) + " to " + NumberText.number(course.lastEpoch()));
        }
        if (run.attempts() > 1) {
            facts.add(run.attempts() + " attempts");
        }
        RunStarted registration = run.registration();
        String rate = registration.learningRate() == null ? "" : NumberText.number(registration.learningRate());
        if (registration.optimizer() != null) {
            String optimizer = TerminalText.cut(TerminalText.of(registration.optimizer()), 20);
            facts.add(optimizer + (rate.isEmpty() ? "" : " at " + rate));
        } else if (!rate.isEmpty()) {
            facts.add("learning rate " + rate);
        }
        return facts;
    }

    /** Which runs are drawn. */
    enum Draw {
        ALL,
        ALERTS,
        NONE;

        boolean draws(Severity gravest) {
            return this == ALL || (this == ALERTS && gravest != null && gravest.isPaging());
        }
    }
}

package dev.gradwatch.commands.backtest;

import dev.gradwatch.commands.alerts.FinalAlert;
import dev.gradwatch.commands.alerts.SeverityCounts;
import dev.gradwatch.commands.backtest.AlertDifference.Kind;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.TerminalText;
import dev.gradwatch.detection.alert.Severity;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints what changed settings would do: for each run the alerts that appear (+), disappear (-) or change (~), and at the end the sums. */
final class ComparisonReport implements BacktestPrinter {

    private static final String GAP = "  ";
    private static final int DETECTOR = 24;

    private final PrintWriter out;
    private final PageFormat page;
    private final Map<Kind, SeverityCounts> bySeverity = new EnumMap<>(Kind.class);
    private int runs;
    private int runsChanged;
    private int loudBefore;
    private int loudAfter;
    private int earlier;
    private int later;
    private long records;

    /**
     * @param comparedWith what the changed settings are compared with, in words
     * @param changes each setting that differs, in words
     */
    ComparisonReport(PrintWriter out, PageFormat page, String comparedWith, List<String> changes) {
        this.out = out;
        this.page = page;
        for (Kind kind : Kind.values()) {
            bySeverity.put(kind, new SeverityCounts());
        }
        out.println(TerminalText.cut(TerminalText.of(comparedWith), page.width()));
        for (String change : changes) {
            TerminalText.wrapHanging(TerminalText.of(change), page.width() - GAP.length(), 4)
                    .forEach(line -> out.println(GAP + line));
        }
        out.println();
    }

    @Override
    public void add(List<BacktestedRun> views) {
        BacktestedRun before = views.get(0);
        BacktestedRun after = views.get(1);
        List<AlertDifference> differences = AlertDifference.between(before, after);
        runs++;
        records += before.records();
        loudBefore += isLoud(before) ? 1 : 0;
        loudAfter += isLoud(after) ? 1 : 0;
        if (differences.isEmpty()) {
            return;
        }
        runsChanged++;
        out.println(page.style().bold(TerminalText.cut(before.name(), page.width())));
        boolean inSteps = before.curve().course().isInSteps();
        for (AlertDifference difference : differences) {
            count(difference);
            print(difference, inSteps);
        }
        out.println();
    }

    @Override
    public void finish(int unreadable, double seconds) {
        out.println(page.style()
                        .bold(String.format(Locale.ROOT, "%,d of %,d runs would say something else", runsChanged, runs))
                + String.format(Locale.ROOT, ", %,d records in %.1f s", records, seconds));
        bySeverity.forEach((kind, counts) -> {
            List<String> parts = new ArrayList<>();
            if (counts.all() > 0) {
                parts.add(counts.toString());
            }
            if (kind == Kind.CHANGED && earlier + later > 0) {
                parts.add(earlier + " earlier");
                parts.add(later + " later");
            }
            String name = kind.name().toLowerCase(Locale.ROOT);
            out.printf(
                    "  %c %5d %s%s%n",
                    kind.sign, counts.all(), name, parts.isEmpty() ? "" : " (" + String.join(", ", parts) + ")");
        });
        out.printf(Locale.ROOT, "  runs with a warning or worse: %d before, %d after%n", loudBefore, loudAfter);
        if (unreadable > 0) {
            out.printf("  %d %s could not be read: see above%n", unreadable, unreadable == 1 ? "file" : "files");
        }
    }

    private void count(AlertDifference difference) {
        Kind kind = difference.kind();
        bySeverity.get(kind).add(difference.either().alert().severity());
        if (kind == Kind.CHANGED) {
            earlier += difference.direction() < 0 ? 1 : 0;
            later += difference.direction() > 0 ? 1 : 0;
        }
    }

    private void print(AlertDifference difference, boolean inSteps) {
        Kind kind = difference.kind();
        FinalAlert seen = difference.either();
        Severity severity = seen.alert().severity();
        String sign = String.valueOf(kind.sign);
        String detector = TerminalText.of(seen.alert().detector());
        String rest = TerminalText.column(detector, Math.max(DETECTOR, TerminalText.width(detector)))
                + GAP
                + (kind == Kind.CHANGED
                        ? change(difference, inSteps)
                        : AlertLines.place(seen, inSteps) + GAP + AlertLines.cause(seen));
        int before = 2 + 2 + AlertLines.SEVERITY + GAP.length();
        List<String> lines = TerminalText.wrapHanging(rest.stripTrailing(), page.width() - before, 2);
        String margin = GAP
                + switch (kind) {
                    case ADDED -> page.style().severity(Severity.WARNING, sign);
                    case REMOVED -> page.style().good(sign);
                    case CHANGED -> sign;
                }
                + " "
                + page.style().severity(severity, TerminalText.column(severity.name(), AlertLines.SEVERITY))
                + GAP;
        for (String line : lines) {
            out.println(margin + line);
            margin = " ".repeat(before);
        }
    }

    private static String change(AlertDifference difference, boolean inSteps) {
        FinalAlert before = difference.before();
        FinalAlert after = difference.after();
        List<String> parts = new ArrayList<>();
        if (difference.isOtherSeverity()) {
            parts.add("was " + before.alert().severity().name().toLowerCase(Locale.ROOT));
        }
        if (difference.isOtherOpening()) {
            String place = AlertLines.at(after.opened(), inSteps);
            String was = AlertLines.at(before.opened(), inSteps);
            String when = difference.direction() < 0 ? "earlier" : "later";
            parts.add("opens " + when + ", at " + place + " instead of " + was);
        }
        if (difference.isOtherEnd()) {
            String now = after.isOver() ? "is over at " + AlertLines.at(after.ended(), inSteps) : "stays open";
            String was = before.isOver() ? AlertLines.at(before.ended(), inSteps) : "staying open";
            parts.add(now + " instead of " + (before.isOver() && !after.isOver() ? "being over at " : "") + was);
        }
        return String.join("; ", parts);
    }

    private static boolean isLoud(BacktestedRun run) {
        return run.gravest() != null && run.gravest().isPaging();
    }
}

package dev.gradwatch.commands.backtest;

import dev.gradwatch.commands.alerts.FinalAlert;
import dev.gradwatch.commands.alerts.SeverityCounts;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.Style;
import dev.gradwatch.commands.terminal.TerminalText;
import dev.gradwatch.detection.alert.Severity;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What all runs come to: how many stayed quiet, and which detectors spoke how gravely. */
final class BacktestTotals {

    private static final int WIDEST_DETECTOR = 32;
    private static final long WORTH_A_RATE = 100_000;

    private final Map<String, Count> byDetector = new TreeMap<>();
    private final SeverityCounts runsByGravest = new SeverityCounts();
    private int runs;
    private int quiet;
    private long records;

    void add(BacktestedRun run) {
        runs++;
        records += run.records();
        Severity gravest = run.gravest();
        if (gravest == null) {
            quiet++;
        } else {
            runsByGravest.add(gravest);
        }
        Set<String> seenHere = new HashSet<>();
        for (FinalAlert seen : run.alerts()) {
            String detector = seen.alert().detector();
            Count count = byDetector.computeIfAbsent(detector, same -> new Count());
            count.alerts.add(seen.alert().severity());
            count.runs += seenHere.add(detector) ? 1 : 0;
        }
    }

    boolean anyAlerts() {
        return !byDetector.isEmpty();
    }

    void print(PrintWriter out, PageFormat page, int unreadable, double seconds) {
        // Over a few records it would say how long a virtual machine takes to warm up.
        String rate = records < WORTH_A_RATE
                ? ""
                : String.format(Locale.ROOT, " (%,.0f a second)", records / Math.max(1e-3, seconds));
        out.println(page.style().bold(counted(runs, "run"))
                + String.format(Locale.ROOT, ", %,d records in %.1f s%s", records, seconds, rate));
        if (runs > 1) {
            printRuns(out, page.style());
        }
        if (unreadable > 0) {
            out.printf("  %s could not be read: see above%n", counted(unreadable, "file"));
        }
        if (runs > 1 && !byDetector.isEmpty()) {
            out.println();
            printDetectors(out, page);
        }
    }

    private void printRuns(PrintWriter out, Style style) {
        row(out, quiet, style.good("without an alert"));
        row(out, runsByGravest.of(Severity.INFO), "with notes alone");
        row(out, runsByGravest.of(Severity.WARNING), "with a warning at most");
        row(out, runsByGravest.of(Severity.CRITICAL), "with a critical alert");
    }

    private static void row(PrintWriter out, int count, String what) {
        if (count > 0) {
            out.printf(Locale.ROOT, "  %5d %s%n", count, what);
        }
    }

    private void printDetectors(PrintWriter out, PageFormat page) {
        int width = byDetector.keySet().stream()
                .mapToInt(detector -> TerminalText.width(TerminalText.of(detector)))
                .max()
                .orElse(0);
        width = Math.min(WIDEST_DETECTOR, Math.max("detector".length(), width));
        String head = "  " + TerminalText.column("DETECTOR", width) + "  CRITICAL  WARNING  INFO  RUNS";
        out.println(page.style().faint(TerminalText.cut(head, page.width())));
        List<Map.Entry<String, Count>> rows = byDetector.entrySet().stream()
                .sorted(Map.Entry.<String, Count>comparingByValue(
                                Comparator.comparingInt((Count count) -> count.alerts.of(Severity.CRITICAL))
                                        .thenComparingInt(count -> count.alerts.of(Severity.WARNING))
                                        .thenComparingInt(count -> count.alerts.of(Severity.INFO))
                                        .reversed())
                        .thenComparing(Map.Entry.comparingByKey()))
                .toList();
        Count all = new Count();
        for (Map.Entry<String, Count> row : rows) {
            print(out, page, TerminalText.column(TerminalText.of(row.getKey()), width), row.getValue());
            all.alerts.addAll(row.getValue().alerts);
        }
        all.runs = runs - quiet;
        print(out, page, TerminalText.column("all", width), all);
    }

    private static void print(PrintWriter out, PageFormat page, String name, Count count) {
        StringBuilder line = new StringBuilder("  " + name);
        int[] widths = {10, 9, 6};
        for (int i = 0; i < widths.length; i++) {
            Severity severity = SeverityCounts.GRAVEST_FIRST.get(i);
            int alerts = count.alerts.of(severity);
            String cell = String.format(Locale.ROOT, "%" + widths[i] + "s", alerts == 0 ? "-" : alerts);
            line.append(alerts == 0 ? cell : page.style().severity(severity, cell));
        }
        out.println(line.append(String.format(Locale.ROOT, "%6d", count.runs)));
    }

    private static String counted(int count, String noun) {
        return String.format(Locale.ROOT, "%,d %s%s", count, noun, count == 1 ? "" : "s");
    }

    /** Of one detector. */
    private static final class Count {
        private final SeverityCounts alerts = new SeverityCounts();
        private int runs;
    }
}

package dev.gradwatch.app.edge.cli;

import dev.gradwatch.app.edge.cli.BacktestedRun.Seen;
import dev.gradwatch.detection.alert.Severity;
import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Prints runs with their alerts as they are done, and at the end what they come to. */
final class BacktestReport {

    private final PrintWriter out;
    private final Style style;
    private final Map<Severity, Integer> bySeverity = new EnumMap<>(Severity.class);
    private final Map<String, Integer> byDetector = new TreeMap<>();
    private int runs;
    private int quiet;
    private long records;

    BacktestReport(PrintWriter out, Style style) {
        this.out = out;
        this.style = style;
    }

    void add(BacktestedRun run) {
        runs++;
        records += run.records();
        quiet += run.alerts().isEmpty() ? 1 : 0;
        out.println(heading(run));
        for (Seen seen : run.alerts()) {
            bySeverity.merge(seen.alert().severity(), 1, Integer::sum);
            byDetector.merge(seen.alert().detector(), 1, Integer::sum);
            String card = AlertCard.inFull(
                    seen.alert(), run.registration().name(), run.registration().team(), style);
            card.lines().forEach(out::println);
            out.println();
        }
    }

    void finish(int unreadable, double seconds) {
        if (runs > 0) {
            out.println();
        }
        String rate = seconds > 0 ? String.format(Locale.ROOT, ", %,.0f records a second", records / seconds) : "";
        out.printf(
                Locale.ROOT,
                "%s with %,d records in %.1f s%s%n",
                style.bold(counted(runs, "run")),
                records,
                seconds,
                rate);
        out.printf(Locale.ROOT, "  %d without an alert%n", quiet);
        printSeverities();
        if (!byDetector.isEmpty()) {
            String detectors = byDetector.entrySet().stream()
                    .map(entry -> PlainText.of(entry.getKey()) + " " + entry.getValue())
                    .collect(Collectors.joining(", "));
            String margin = "  by detector: ";
            for (String line : PlainText.wrap(detectors, AlertCard.WIDTH - margin.length())) {
                out.println(margin + line);
                margin = " ".repeat(margin.length());
            }
        }
        if (unreadable > 0) {
            out.printf("  %s could not be read: see above%n", counted(unreadable, "file"));
        }
    }

    private void printSeverities() {
        if (!bySeverity.isEmpty()) {
            StringBuilder text = new StringBuilder("  alerts: ");
            String separator = "";
            for (Severity severity : new Severity[] {Severity.CRITICAL, Severity.WARNING, Severity.INFO}) {
                text.append(separator)
                        .append(bySeverity.getOrDefault(severity, 0))
                        .append(' ')
                        .append(severity.name().toLowerCase(Locale.ROOT));
                separator = ", ";
            }
            out.println(text);
        }
    }

    private String heading(BacktestedRun run) {
        String attempts = run.attempts() > 1 ? ", " + run.attempts() + " attempts" : "";
        String outcome =
                run.alerts().isEmpty() ? "no alerts" : counted(run.alerts().size(), "alert");
        String rest = String.format(
                Locale.ROOT, "  %,d records to %s%s: ", run.records(), AlertCard.at(run.last()), attempts);
        int room = AlertCard.WIDTH - rest.length() - outcome.length();
        String name = PlainText.cut(PlainText.of(run.registration().name()), Math.max(10, room));
        return style.bold(name) + rest + (run.alerts().isEmpty() ? style.good(outcome) : outcome);
    }

    private static String counted(int count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }
}

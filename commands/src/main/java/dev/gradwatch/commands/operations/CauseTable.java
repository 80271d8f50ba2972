package dev.gradwatch.commands.operations;

import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.TerminalText;
import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.catalogue.Catalogue;
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.diagnosis.DiagnosisWeights;
import java.io.PrintWriter;
import java.util.List;

/** The weights of the diagnosis as people read them: for each cause what points to it, what speaks for it and what against. */
final class CauseTable {

    private static final int VALUE_WIDTH = 6;
    private static final int EVIDENCE_WIDTH = 32;

    private CauseTable() {}

    static void print(PrintWriter out, PageFormat page) {
        List<Parameter> weights = DiagnosisWeights.parameters(Catalogue.entries());
        for (CauseCode cause : CauseCode.values()) {
            String ending = "." + cause.code();
            List<Parameter> rows = weights.stream()
                    .filter(weight -> weight.name().endsWith(ending))
                    .toList();
            if (!rows.isEmpty()) {
                out.println(page.style().bold(cause.code()) + "  " + cause.title());
                rows.forEach(row ->
                        row(row, row.name().substring(0, row.name().length() - ending.length()), out, page));
                out.println();
            }
        }
        out.println(page.style().bold("all causes"));
        weights.stream()
                .filter(weight -> weight.name().indexOf('.') < 0)
                .forEach(weight -> row(weight, weight.name(), out, page));
        out.println();
        String hint =
                "+: added to a cause's weight, x: multiplied with it. Evidence that bears a detector's name is its symptom. "
                        + "Try another value with 'gradwatch backtest --compare --set diagnosis.<evidence>.<cause>=<value>'.";
        TerminalText.wrap(hint, page.width())
                .forEach(line -> out.println(page.style().faint(line)));
    }

    private static void row(Parameter weight, String evidence, PrintWriter out, PageFormat page) {
        String value = (weight.unit().equals("weight") ? "+" : "x") + NumberText.number(weight.defaultValue());
        String margin = "  " + TerminalText.column(value, VALUE_WIDTH) + TerminalText.column(evidence, EVIDENCE_WIDTH);
        for (String line : TerminalText.wrap(weight.doc(), Math.max(20, page.width() - margin.length()))) {
            out.println(margin + line);
            margin = " ".repeat(margin.length());
        }
    }
}

package dev.gradwatch.commands.operations;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.gradwatch.commands.alerts.AlertJson;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.commands.options.ParameterOverrides;
import dev.gradwatch.commands.terminal.Output;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.Style;
import dev.gradwatch.commands.terminal.TerminalText;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.catalogue.Catalogue;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.detector.SuggestedCause;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The catalogue, for people who set parameters. */
@Command(
        name = "detectors",
        description = "List the detectors, or explain some in full with their parameters, defaults and ranges.",
        exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_USAGE},
        footer = {
            "",
            "Examples:",
            "  gradwatch detectors                  what there is",
            "  gradwatch detectors loss-plateau     one in full, with its parameters",
            "  gradwatch detectors --all            all in full",
            "  gradwatch detectors --causes         what evidence weighs how much for which cause",
            "  gradwatch detectors --json           a detector a line",
            "",
            "Set a parameter with 'detectors.<detector>.<parameter>' in the configuration, or try it with",
            "'gradwatch backtest --compare --set <detector>.<parameter>=<value>'."
        })
public final class DetectorsCommand implements Callable<Integer> {

    private static final String MARGIN = "  ";

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "One JSON object a detector, for programs.")
    private boolean json;

    @Option(names = "--all", description = "All in full.")
    private boolean all;

    @Option(
            names = "--causes",
            description = "The table of the diagnosis: what evidence weighs how much for which cause.")
    private boolean causes;

    @Parameters(arity = "0..*", paramLabel = "DETECTOR", description = "Explain only these, in full.")
    private List<String> only = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        Output output = Output.of(spec);
        PageFormat page = PageFormat.ofStandardOutput();
        List<CatalogueEntry> chosen = chosen();
        if (causes) {
            CauseTable.print(output.out(), page);
        } else if (json) {
            for (CatalogueEntry entry : chosen) {
                output.json(line(entry));
            }
        } else if (only.isEmpty() && !all) {
            list(chosen, output.out(), page);
        } else {
            for (int i = 0; i < chosen.size(); i++) {
                if (i > 0) {
                    output.out().println();
                }
                explain(chosen.get(i), output.out(), page);
            }
        }
        output.out().flush();
        return ExitCode.OK;
    }

    private List<CatalogueEntry> chosen() {
        List<String> known =
                Catalogue.entries().stream().map(CatalogueEntry::id).toList();
        for (String id : only) {
            if (!known.contains(id)) {
                throw new ParameterException(
                        spec.commandLine(), "no detector '" + id + "'; there are " + String.join(", ", known));
            }
        }
        return Catalogue.entries().stream()
                .filter(entry -> only.isEmpty() || only.contains(entry.id()))
                .toList();
    }

    private static void list(List<CatalogueEntry> entries, PrintWriter out, PageFormat page) {
        int width =
                entries.stream().mapToInt(entry -> entry.id().length()).max().orElse(0);
        for (CatalogueEntry entry : entries) {
            String margin = page.style().bold(TerminalText.column(entry.id(), width)) + "  ";
            for (String line : TerminalText.wrap(entry.summary(), page.width() - width - 2)) {
                out.println(margin + line);
                margin = " ".repeat(width + 2);
            }
            String parameters = entry.parameters().stream()
                    .map(parameter -> parameter.name() + " = " + ParameterOverrides.text(parameter.defaultValue()))
                    .collect(Collectors.joining(", "));
            if (!parameters.isEmpty()) {
                TerminalText.wrap(parameters, page.width() - width - 2)
                        .forEach(line ->
                                out.println(" ".repeat(width + 2) + page.style().faint(line)));
            }
        }
        out.println();
        out.println(page.style()
                .faint("'gradwatch detectors " + entries.get(0).id()
                        + "' explains one, with what each parameter does"));
    }

    private static void explain(CatalogueEntry entry, PrintWriter out, PageFormat page) {
        Style style = page.style();
        String severities = entry.severities().stream()
                .sorted(Comparator.reverseOrder())
                .map(severity -> style.severity(severity, lower(severity)))
                .collect(Collectors.joining(", "));
        out.println(style.bold(entry.id()) + MARGIN + entry.title() + MARGIN + severities);
        TerminalText.wrap(entry.summary(), page.width() - MARGIN.length()).forEach(line -> out.println(MARGIN + line));
        if (!entry.yieldsTo().isEmpty()) {
            String stronger = "Silent while one of these explains the same fault: "
                    + entry.yieldsTo().stream().sorted().collect(Collectors.joining(", "));
            TerminalText.wrap(stronger, page.width() - MARGIN.length()).forEach(line -> out.println(MARGIN + line));
        }
        String suggested = entry.causes().stream()
                .sorted(Comparator.comparingDouble(SuggestedCause::weight).reversed())
                .map(cause -> cause.cause().title())
                .collect(Collectors.joining(", "));
        TerminalText.wrap("Points to: " + suggested, page.width() - MARGIN.length())
                .forEach(line -> out.println(MARGIN + line));
        if (!entry.parameters().isEmpty()) {
            out.println();
        }
        for (Parameter parameter : entry.parameters()) {
            explain("detectors." + entry.id() + "." + parameter.name(), parameter, out, page);
        }
    }

    private static void explain(String key, Parameter parameter, PrintWriter out, PageFormat page) {
        String values = key + " = " + ParameterOverrides.text(parameter.defaultValue()) + "  ("
                + ParameterOverrides.range(parameter) + ", " + parameter.unit() + ")";
        for (String line : TerminalText.wrapHanging(values, page.width() - MARGIN.length(), 4)) {
            out.println(MARGIN + (line.startsWith(key) ? page.style().bold(key) + line.substring(key.length()) : line));
        }
        TerminalText.wrap(parameter.doc(), page.width() - 6).forEach(line -> out.println("      " + line));
    }

    private static String line(CatalogueEntry entry) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("id", entry.id());
            json.writeStringField("title", entry.title());
            json.writeStringField("summary", entry.summary());
            AlertJson.writeTexts(
                    json,
                    "severities",
                    entry.severities().stream()
                            .sorted()
                            .map(DetectorsCommand::lower)
                            .toList());
            AlertJson.writeTexts(
                    json, "yields_to", entry.yieldsTo().stream().sorted().toList());
            json.writeArrayFieldStart("parameters");
            for (Parameter parameter : entry.parameters()) {
                json.writeStartObject();
                json.writeStringField("name", parameter.name());
                json.writeStringField("key", "detectors." + entry.id() + "." + parameter.name());
                AlertJson.writeNumber(json, "default", parameter.defaultValue());
                AlertJson.writeNumber(json, "min", parameter.min());
                AlertJson.writeNumber(json, "max", parameter.max());
                json.writeStringField("unit", parameter.unit());
                json.writeStringField("doc", parameter.doc());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return text.toString();
    }

    private static String lower(Severity severity) {
        return severity.name().toLowerCase(Locale.ROOT);
    }
}

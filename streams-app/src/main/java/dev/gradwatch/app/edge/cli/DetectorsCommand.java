package dev.gradwatch.app.edge.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.gradwatch.detection.detector.Catalogue;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.Parameter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The catalogue, for people who set parameters. */
@Command(
        name = "detectors",
        description = "List the detectors with their parameters, defaults and ranges.",
        exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_USAGE},
        footer = {
            "",
            "Examples:",
            "  gradwatch detectors                  all of them",
            "  gradwatch detectors loss-plateau     one",
            "  gradwatch detectors --json           a detector a line",
            "",
            "Set a parameter with 'detectors.<detector>.<parameter>' in the configuration, or try it with",
            "'gradwatch backtest --set <detector>.<parameter>=<value>'."
        })
final class DetectorsCommand implements Callable<Integer> {

    private static final String MARGIN = "  ";

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "One JSON object a detector, for programs.")
    private boolean json;

    @Parameters(arity = "0..*", paramLabel = "DETECTOR", description = "Only these.")
    private List<String> only = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        Output output = Output.of(spec);
        for (CatalogueEntry entry : chosen()) {
            if (json) {
                output.out().println(line(entry));
            } else {
                print(entry, output.out(), output.style());
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

    private static void print(CatalogueEntry entry, PrintWriter out, Style style) {
        String severities = String.join("/", severities(entry));
        out.println(style.bold(entry.id()) + "  " + entry.title() + " (" + severities + ")");
        PlainText.wrap(entry.summary(), AlertCard.WIDTH - MARGIN.length()).forEach(line -> out.println(MARGIN + line));
        for (Parameter parameter : entry.parameters()) {
            out.println(MARGIN + PlainText.column(parameter.name(), 24) + " " + value(parameter));
            PlainText.wrap(parameter.doc(), AlertCard.WIDTH - 6).forEach(line -> out.println("      " + line));
        }
        out.println();
    }

    private static String value(Parameter parameter) {
        return AlertCard.number(parameter.defaultValue()) + " " + parameter.unit() + " ("
                + AlertCard.number(parameter.min()) + " to " + AlertCard.number(parameter.max()) + ")";
    }

    private static List<String> severities(CatalogueEntry entry) {
        return entry.severities().stream()
                .sorted()
                .map(severity -> severity.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    private static String line(CatalogueEntry entry) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("id", entry.id());
            json.writeStringField("title", entry.title());
            json.writeStringField("summary", entry.summary());
            AlertJson.writeTexts(json, "severities", severities(entry));
            AlertJson.writeTexts(
                    json, "yields_to", entry.yieldsTo().stream().sorted().toList());
            json.writeArrayFieldStart("parameters");
            for (Parameter parameter : entry.parameters()) {
                json.writeStartObject();
                json.writeStringField("name", parameter.name());
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
}

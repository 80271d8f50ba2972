package dev.gradwatch.commands.operations;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.gradwatch.app.service.config.ConfigEntry;
import dev.gradwatch.commands.options.ConfigOptions;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.commands.terminal.Output;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.TerminalText;
import java.io.IOException;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The effective configuration, explained. */
@Command(
        name = "config",
        description = {
            "Check and explain the effective configuration: every key, its value, where that comes from. Secrets are hidden.",
            "Later ones win: defaults, ./gradwatch.properties (or the file in GRADWATCH_CONFIG), environment"
                    + " (GRADWATCH_HTTP_PORT for http.port), system properties, --config, --set."
        },
        exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_USAGE},
        footer = {
            "",
            "Examples:",
            "  gradwatch config                                what would be used here and now",
            "  gradwatch config --changed                      only what differs from the defaults",
            "  gradwatch config -c prod.properties --json      a key a line, for programs"
        })
public final class ConfigCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Option(names = "--json", description = "One JSON object a key, for programs.")
    private boolean json;

    @Option(names = "--changed", description = "Only keys that somebody set.")
    private boolean changed;

    @Override
    public Integer call() throws IOException {
        Output output = Output.of(spec);
        for (ConfigEntry entry : config.load().explain()) {
            if (changed && entry.source().equals("default")) {
                continue;
            }
            if (json) {
                output.json(line(entry));
            } else {
                print(entry, output);
            }
        }
        output.out().flush();
        return ExitCode.OK;
    }

    private static void print(ConfigEntry entry, Output output) {
        String value = entry.value().isEmpty() ? "(not set)" : TerminalText.of(entry.value());
        String source = entry.source().equals("default") ? "" : "   [" + TerminalText.of(entry.source()) + "]";
        String margin = "";
        for (String line :
                TerminalText.wrap(TerminalText.of(entry.key()) + " = " + value + source, PageFormat.USUAL_WIDTH)) {
            output.out().println(margin.isEmpty() ? output.style().bold(line) : line);
            margin = "    ";
        }
        TerminalText.wrap(TerminalText.of(entry.doc()), PageFormat.USUAL_WIDTH - 4)
                .forEach(line -> output.out().println("    " + line));
    }

    private static String line(ConfigEntry entry) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("key", entry.key());
            json.writeStringField("value", entry.value());
            json.writeStringField("source", entry.source());
            json.writeStringField("default", entry.defaultValue());
            json.writeStringField("doc", entry.doc());
            json.writeEndObject();
        }
        return text.toString();
    }
}

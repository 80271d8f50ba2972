package dev.gradwatch.commands.options;

import dev.gradwatch.recorded.log.ReadOptions;
import dev.gradwatch.recorded.names.NameTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How logs of others are to be read. */
@Command
public final class LogOptions {

    @Option(
            names = "--map",
            paramLabel = "KNOWN=NAME",
            description = "The log's own name of a number: loss=ctc_loss, val_loss=dev/nll. May be repeated.")
    private Map<String, String> names = new LinkedHashMap<>();

    @Option(
            names = "--pattern",
            paramLabel = "REGEX",
            converter = Line.class,
            description = "A line of a text log, with named groups: '(?<step>\\d+): (?<loss>\\S+)'. May be repeated.")
    private List<Pattern> patterns = new ArrayList<>();

    public ReadOptions readOptions() {
        return new ReadOptions(NameTable.of(names), patterns);
    }

    static final class Line implements ITypeConverter<Pattern> {
        @Override
        public Pattern convert(String value) {
            try {
                return Pattern.compile(value);
            } catch (PatternSyntaxException e) {
                throw new TypeConversionException(
                        "'" + value + "' is no regular expression: " + e.getDescription() + " at " + e.getIndex());
            }
        }
    }
}

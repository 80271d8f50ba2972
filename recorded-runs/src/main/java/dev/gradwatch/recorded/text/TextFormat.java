package dev.gradwatch.recorded.text;

import dev.gradwatch.recorded.log.LogEntries;
import dev.gradwatch.recorded.log.LogFile;
import dev.gradwatch.recorded.log.LogFormat;
import dev.gradwatch.recorded.log.LogPosition;
import dev.gradwatch.recorded.log.MalformedLogException;
import dev.gradwatch.recorded.log.ReadOptions;
import dev.gradwatch.recorded.log.RecordedRunException;
import dev.gradwatch.recorded.names.Scalar.Part;
import dev.gradwatch.recorded.rows.Row;
import dev.gradwatch.recorded.rows.RowEntries;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What training programs print: lines of names and numbers, or whatever {@code --pattern} says. */
public final class TextFormat implements LogFormat {

    private static final Pattern NAMED = Pattern.compile(".*\\.(?:log|txt|out|err|stdout|stderr)(?:\\.\\d+)?");
    private static final Set<String> GENERIC = Set.of(
            "output.log",
            "train.log",
            "training.log",
            "log.txt",
            "train_log.txt",
            "training_log.txt",
            "stdout.log",
            "stdout",
            "train.out",
            "nohup.out",
            "log.out",
            "logs.txt",
            "debug.log",
            "stdout.txt",
            "log.log");

    @Override
    public String name() {
        return "text log";
    }

    @Override
    public boolean isNamed(Path file) {
        return NAMED.matcher(LogFile.lowerName(file)).matches();
    }

    @Override
    public boolean recognises(Path file, String opening, ReadOptions options) {
        String text = opening.replaceFirst("^\0+", "");
        if (text.indexOf('\0') >= 0) {
            return false;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (TextRows rows = new TextRows(new ByteArrayInputStream(bytes), LogPosition.START, false, options)) {
            Row row = rows.next();
            while (row != null && !matters(row, options)) {
                row = rows.next();
            }
            return row != null;
        } catch (IOException | MalformedLogException e) {
            return false;
        }
    }

    @Override
    public boolean isGenericName(Path file) {
        return GENERIC.contains(LogFile.lowerName(file));
    }

    @Override
    public LogEntries open(List<LogFile> files, ReadOptions options) throws IOException, RecordedRunException {
        LogFile file = LogFile.only(files);
        return RowEntries.open(
                file, options.names(), (content, from) -> new TextRows(content, from, file.growing(), options));
    }

    /** A pattern of the user's is believed with any number it finds. */
    private static boolean matters(Row row, ReadOptions options) {
        return options.patterns().isEmpty()
                ? RowEntries.tells(new Row(row.numbers(), Part.UNSAID), options.names())
                : !row.numbers().isEmpty();
    }
}

package dev.gradwatch.recorded.jsonrows;

import dev.gradwatch.recorded.log.LogEntries;
import dev.gradwatch.recorded.log.LogFile;
import dev.gradwatch.recorded.log.LogFormat;
import dev.gradwatch.recorded.log.ReadOptions;
import dev.gradwatch.recorded.log.RecordedRunException;
import dev.gradwatch.recorded.names.NameTable;
import dev.gradwatch.recorded.names.Scalar.Part;
import dev.gradwatch.recorded.rows.Row;
import dev.gradwatch.recorded.rows.RowEntries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One JSON document with the history of a run: Keras' {@code history.history} as people save it (a list for each number), or a list of
 * objects, one an epoch; also pretty-printed, and below another key.
 */
public final class JsonDocumentFormat implements LogFormat {

    private static final Pattern KEY =
            Pattern.compile("\"([^\"\\n]{1,100})\"\\s*:\\s*\\[?\\s*(?:[-\\d]|NaN|Infinity|\")");
    private static final Set<String> GENERIC = Set.of(
            "history.json",
            "history_metrics.json",
            "metrics.json",
            "training_history.json",
            "train_history.json",
            "log.json",
            "results.json",
            "training_log.json");

    @Override
    public String name() {
        return "JSON history";
    }

    @Override
    public boolean isNamed(Path file) {
        return LogFile.lowerName(file).endsWith(".json");
    }

    @Override
    public boolean recognises(Path file, String opening, ReadOptions options) {
        String start = opening.stripLeading();
        if (!start.startsWith("{") && !start.startsWith("[")) {
            return false;
        }
        Matcher key = KEY.matcher(start);
        while (key.find()) {
            if (RowEntries.tells(new Row(Map.of(key.group(1), 1.0), Part.UNSAID), options.names())) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean isGenericName(Path file) {
        return GENERIC.contains(LogFile.lowerName(file));
    }

    @Override
    public boolean isRewritten() {
        return true;
    }

    @Override
    public LogEntries open(List<LogFile> files, ReadOptions options) throws IOException, RecordedRunException {
        NameTable names = options.names();
        return RowEntries.open(LogFile.only(files), names, (content, from) -> new DocumentRows(content, names));
    }
}

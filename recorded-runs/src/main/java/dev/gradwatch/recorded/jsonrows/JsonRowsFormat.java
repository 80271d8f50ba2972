package dev.gradwatch.recorded.jsonrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.gradwatch.recorded.json.JsonFault;
import dev.gradwatch.recorded.log.LineReader;
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
import dev.gradwatch.recorded.rows.RowReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * One JSON object of named numbers a line: DETR's and MAE's {@code log.txt}, LLaMA-Factory's {@code trainer_log.jsonl}, mmengine's
 * {@code scalars.json}, {@code wandb-history.jsonl}, the metrics files of TRL, verl and OpenRLHF.
 */
public final class JsonRowsFormat implements LogFormat {

    private static final Set<String> GENERIC = Set.of(
            "log.txt",
            "trainer_log.jsonl",
            "scalars.json",
            "wandb-history.jsonl",
            "metrics.jsonl",
            "metrics.json",
            "log.json",
            "train_log.jsonl",
            "history.jsonl",
            "log.jsonl");

    /** Lines that are looked at: some logs begin with one of settings. */
    private static final int FIRST_LINES = 50;

    @Override
    public String name() {
        return "JSON objects of numbers, one a line";
    }

    @Override
    public boolean isNamed(Path file) {
        String name = LogFile.lowerName(file);
        return name.endsWith(".jsonl") || name.endsWith(".ndjson") || name.endsWith(".json") || name.endsWith(".txt");
    }

    @Override
    public boolean recognises(Path file, String opening, ReadOptions options) {
        if (!opening.stripLeading().startsWith("{")) {
            return false;
        }
        return opening.lines().limit(FIRST_LINES).anyMatch(line -> {
            try {
                Row row = line.startsWith("{") ? JsonNumbers.parse(line) : null;
                return row != null && RowEntries.tells(row, options.names());
            } catch (JsonProcessingException e) {
                return false;
            }
        });
    }

    @Override
    public boolean isGenericName(Path file) {
        return GENERIC.contains(LogFile.lowerName(file));
    }

    @Override
    public LogEntries open(List<LogFile> files, ReadOptions options) throws IOException, RecordedRunException {
        LogFile file = LogFile.only(files);
        return RowEntries.open(file, options.names(), (content, from) -> new Rows(content, from, file.growing()));
    }

    private static final class Rows implements RowReader {
        private final LineReader lines;

        Rows(InputStream content, LogPosition from, boolean growing) throws IOException {
            lines = new LineReader(content, growing);
            lines.skipTo(from);
        }

        @Override
        public Row next() throws IOException, MalformedLogException {
            if (!lines.next()) {
                return null;
            }
            String text = lines.text();
            try {
                Row row = JsonNumbers.parse(text);
                return row == null ? new Row(java.util.Map.of(), Part.UNSAID) : row;
            } catch (JsonProcessingException e) {
                MalformedLogException told = lines.isTerminated()
                        ? new MalformedLogException(JsonFault.inLine(e), text)
                        : MalformedLogException.cutOff("the last line is cut off: " + JsonFault.inLine(e), text);
                told.initCause(e);
                throw told;
            }
        }

        @Override
        public LogPosition position() {
            return lines.mark();
        }

        @Override
        public long line() {
            return lines.number();
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }
}

package dev.gradwatch.recorded.jsonl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gradwatch.recorded.json.JsonFault;
import dev.gradwatch.recorded.log.LineReader;
import dev.gradwatch.recorded.log.LogEntries;
import dev.gradwatch.recorded.log.LogEntry;
import dev.gradwatch.recorded.log.LogFile;
import dev.gradwatch.recorded.log.LogFormat;
import dev.gradwatch.recorded.log.LogPosition;
import dev.gradwatch.recorded.log.MalformedLogException;
import dev.gradwatch.recorded.log.ReadOptions;
import dev.gradwatch.recorded.log.RecordedRunException;
import dev.gradwatch.recorded.log.RunHeader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * JSON Lines: one JSON object a line. The first one is the header when it has no {@code type}; the others are {@code epoch}, {@code step},
 * {@code heartbeat} and {@code finished} records. Non-finite numbers come as strings or bare, as Python writes them.
 */
public final class JsonLinesFormat implements LogFormat {

    /** A first line that is a header or a record; other programs write other objects. */
    private static final Pattern OWN =
            Pattern.compile("\\s*\\{[^\\n]{0,10000}?\"(?:run|run_id|trace|attempt|start_time|finished|type)\"\\s*:");

    private static final Pattern WITHOUT_HEADER = Pattern.compile("\\s*\\{\\s*}\\s*(?:\\n|$)");

    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build()
            .reader();

    @Override
    public String name() {
        return "JSON Lines";
    }

    @Override
    public boolean isNamed(Path file) {
        String lower = LogFile.lowerName(file);
        return lower.endsWith(".jsonl") || lower.endsWith(".ndjson");
    }

    @Override
    public boolean recognises(Path file, String opening, ReadOptions options) {
        return OWN.matcher(opening).lookingAt()
                || (isNamed(file) && WITHOUT_HEADER.matcher(opening).lookingAt());
    }

    @Override
    public boolean isGenericName(Path file) {
        return false;
    }

    @Override
    public LogEntries open(List<LogFile> files, ReadOptions options) throws IOException, RecordedRunException {
        LogFile source = LogFile.only(files);
        Entries entries = new Entries(source.file(), new LineReader(source.content(), source.growing()));
        try {
            entries.readHeader(source.growing());
            entries.goOnFrom(source.from());
            return entries;
        } catch (IOException | RecordedRunException | RuntimeException e) {
            entries.close();
            throw e;
        }
    }

    private static final class Entries implements LogEntries {
        private final Path file;
        private final LineReader lines;
        private final JsonRecordParser records = new JsonRecordParser();
        private RunHeader header = RunHeader.EMPTY;
        private LogEntry ahead;
        private LogPosition beforeAhead;

        Entries(Path file, LineReader lines) {
            this.file = file;
            this.lines = lines;
        }

        void readHeader(boolean growing) throws IOException, RecordedRunException {
            try {
                if (!lines.next()) {
                    if (growing) {
                        return;
                    }
                    throw new RecordedRunException(file, 0, "the file is empty", null);
                }
                JsonNode first = JSON.readTree(lines.bytes(), lines.start(), lines.end() - lines.start());
                if (!first.isObject()) {
                    throw new MalformedLogException("the first line must be a JSON object", text());
                }
                if (first.has("type")) {
                    ahead = parse();
                    beforeAhead = LogPosition.START;
                } else {
                    header = HeaderParser.header(first);
                }
            } catch (JsonProcessingException e) {
                throw notJson(e);
            } catch (MalformedLogException e) {
                throw located(e);
            }
        }

        void goOnFrom(LogPosition mark) throws IOException {
            if (mark.offset() > 0) {
                ahead = null;
                lines.skipTo(mark);
            }
        }

        @Override
        public RunHeader header() {
            return header;
        }

        @Override
        public LogEntry next() throws IOException, RecordedRunException {
            if (ahead != null) {
                LogEntry entry = ahead;
                ahead = null;
                return entry;
            }
            try {
                return lines.next() ? parse() : null;
            } catch (JsonProcessingException e) {
                throw notJson(e);
            } catch (MalformedLogException e) {
                throw located(e);
            }
        }

        @Override
        public long line() {
            return lines.number();
        }

        @Override
        public Map<Path, LogPosition> marks() {
            return Map.of(file, ahead == null ? lines.mark() : beforeAhead);
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }

        private LogEntry parse() throws IOException, MalformedLogException {
            try (var parser = JSON.createParser(lines.bytes(), lines.start(), lines.end() - lines.start())) {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    throw new MalformedLogException("a record must be a JSON object", text());
                }
                return records.read(parser);
            }
        }

        private RecordedRunException notJson(JsonProcessingException e) {
            String reason = JsonFault.inLine(e);
            RecordedRunException named = lines.isTerminated()
                    ? new RecordedRunException(file, lines.number(), reason, text())
                    : RecordedRunException.cutOff(file, lines.number(), "the last line is cut off: " + reason, text());
            named.initCause(e);
            return named;
        }

        private RecordedRunException located(MalformedLogException e) {
            RecordedRunException named = new RecordedRunException(file, lines.number(), e.getMessage(), e.value());
            named.initCause(e);
            return named;
        }

        private String text() {
            return new String(
                    lines.bytes(), lines.start(), Math.min(200, lines.end() - lines.start()), StandardCharsets.UTF_8);
        }
    }
}

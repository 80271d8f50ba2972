package dev.gradwatch.recorded.huggingface;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.recorded.json.JsonFault;
import dev.gradwatch.recorded.json.JsonValues;
import dev.gradwatch.recorded.log.LogEntries;
import dev.gradwatch.recorded.log.LogEntry;
import dev.gradwatch.recorded.log.LogFile;
import dev.gradwatch.recorded.log.LogFormat;
import dev.gradwatch.recorded.log.LogPosition;
import dev.gradwatch.recorded.log.MalformedLogException;
import dev.gradwatch.recorded.log.ReadOptions;
import dev.gradwatch.recorded.log.RecordedRunException;
import dev.gradwatch.recorded.log.RunHeader;
import dev.gradwatch.recorded.names.NameTable;
import dev.gradwatch.recorded.names.Scalar;
import dev.gradwatch.recorded.names.Scalar.Part;
import dev.gradwatch.recorded.names.ScalarRow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code trainer_state.json} of Hugging Face's {@code Trainer}: one JSON document, written anew with every checkpoint. Its
 * {@code log_history} holds steps, evaluations and, when the training came to its end, a summary.
 */
public final class TrainerStateFormat implements LogFormat {

    private static final String HISTORY = "log_history";
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    @Override
    public String name() {
        return "trainer_state.json";
    }

    @Override
    public boolean isNamed(Path file) {
        return TrainerStates.isNamed(file);
    }

    @Override
    public boolean recognises(Path file, String opening, ReadOptions options) {
        String start = opening.stripLeading();
        return start.startsWith("{") && (isNamed(file) || (start.contains('"' + HISTORY + '"') && !oneLine(start)));
    }

    @Override
    public boolean isGenericName(Path file) {
        return isNamed(file);
    }

    @Override
    public Path runFolder(Path folder, Path root) {
        return TrainerStates.runFolder(folder, root);
    }

    @Override
    public List<Path> current(List<Path> files) {
        return List.of(TrainerStates.newest(files));
    }

    @Override
    public Path otherLogs(Path runFolder) {
        return runFolder.resolve("runs");
    }

    @Override
    public boolean isRewritten() {
        return true;
    }

    @Override
    public LogEntries open(List<LogFile> files, ReadOptions options) throws IOException, RecordedRunException {
        LogFile source = LogFile.only(files);
        RunHeader header;
        try (InputStream ahead = source.again().open()) {
            header = header(ahead);
        } catch (IOException | RuntimeException e) {
            source.content().close();
            throw e;
        }
        return new Entries(source, header, options.names());
    }

    /** A record of JSON Lines may hold anything, this name too. */
    private static boolean oneLine(String start) {
        int end = start.indexOf('\n');
        return end > 0 && start.substring(0, end).stripTrailing().endsWith("}");
    }

    /** What is said of the run stands behind the history; where the document breaks off, what was said until then counts. */
    private static RunHeader header(InputStream content) throws IOException {
        RunStarted.Builder run = RunStarted.builder();
        RunFinished finished = null;
        Long steps = null;
        Long epochs = null;
        try (JsonParser parser = JSON.createParser(content)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return RunHeader.EMPTY;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "max_steps" -> steps = positive(parser);
                    case "num_train_epochs" -> epochs = positive(parser);
                    case "train_batch_size" -> run.batchSize(asInt(positive(parser)));
                    case HISTORY ->
                        finished = hasSummary(parser) ? new RunFinished(RunFinished.Outcome.COMPLETED, null) : null;
                    default -> parser.skipChildren();
                }
            }
        } catch (JsonProcessingException e) {
            // Whoever reads the history meets the same fault and names it.
        }
        run.plannedSteps(steps).plannedEpochs(asInt(epochs));
        if (steps != null && epochs != null && steps % epochs == 0) {
            run.stepsPerEpoch(steps / epochs);
        }
        return new RunHeader(null, 1, null, run.build(), finished);
    }

    /** Whether an entry of the list that the parser stands at is the summary of a training that came to its end. */
    private static boolean hasSummary(JsonParser parser) throws IOException {
        boolean found = false;
        int depth = parser.currentToken() == JsonToken.START_ARRAY ? 1 : 0;
        while (depth > 0) {
            JsonToken token = parser.nextToken();
            if (token == null) {
                return false;
            }
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            found |= token == JsonToken.FIELD_NAME
                    && depth == 2
                    && parser.currentName().equals("train_runtime");
        }
        return found;
    }

    private static Long positive(JsonParser parser) throws IOException {
        return parser.currentToken() == JsonToken.VALUE_NUMBER_INT && parser.getLongValue() > 0
                ? (Long) parser.getLongValue()
                : null;
    }

    private static Integer asInt(Long value) {
        return value == null || value > Integer.MAX_VALUE ? null : (Integer) value.intValue();
    }

    private static final class Entries implements LogEntries {
        private final Path file;
        private final RunHeader header;
        private final JsonParser parser;
        private final Map<String, Scalar> names = new HashMap<>();
        private final ScalarRow readings = new ScalarRow();
        private final Deque<LogEntry> ready = new ArrayDeque<>();
        private final NameTable table;
        private boolean inHistory;
        private boolean ended;

        Entries(LogFile source, RunHeader header, NameTable table) throws IOException {
            this.file = source.file();
            this.header = header;
            this.table = table;
            this.parser = JSON.createParser(source.content());
            readings.stepwise(true);
        }

        @Override
        public RunHeader header() {
            return header;
        }

        @Override
        public LogEntry next() throws IOException, RecordedRunException {
            try {
                while (ready.isEmpty() && !ended) {
                    advance();
                }
                return ready.poll();
            } catch (JsonEOFException e) {
                throw because(RecordedRunException.cutOff(file, line(), "the document ends too early", null), e);
            } catch (JsonProcessingException e) {
                throw because(new RecordedRunException(file, line(), JsonFault.inLine(e), null), e);
            } catch (MalformedLogException e) {
                throw because(new RecordedRunException(file, line(), e.getMessage(), e.value()), e);
            }
        }

        @Override
        public long line() {
            return parser.currentLocation().getLineNr();
        }

        @Override
        public String lookedFor() {
            return "it has no list \"" + HISTORY + "\" with entries that have a step";
        }

        @Override
        public Map<Path, LogPosition> marks() {
            return Map.of(file, LogPosition.START);
        }

        @Override
        public void close() throws IOException {
            parser.close();
        }

        private void advance() throws IOException, MalformedLogException {
            if (inHistory) {
                JsonToken token = parser.nextToken();
                if (token == JsonToken.END_ARRAY) {
                    inHistory = false;
                } else if (token == JsonToken.START_OBJECT) {
                    readEntry();
                } else {
                    throw new MalformedLogException(HISTORY + " must be a list of objects", parser.getText());
                }
                return;
            }
            JsonToken token = parser.nextToken();
            if (token == null) {
                ended = true;
            } else if (token == JsonToken.FIELD_NAME) {
                boolean history = parser.currentName().equals(HISTORY);
                if (parser.nextToken() == JsonToken.START_ARRAY && history) {
                    inHistory = true;
                } else {
                    parser.skipChildren();
                }
            } else if (token != JsonToken.START_OBJECT && token != JsonToken.END_OBJECT) {
                throw new MalformedLogException("the document must be an object", parser.getText());
            }
        }

        private void readEntry() throws IOException, MalformedLogException {
            Long step = null;
            Double epoch = null;
            boolean summary = false;
            readings.clear();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                switch (name) {
                    case "step" -> step = JsonValues.count(parser, name);
                    case "epoch" -> epoch = JsonValues.position(parser, name);
                    case "train_runtime" -> summary = true;
                    default -> {
                        // Other programs log lists, texts and objects too.
                        if (token.isNumeric() || isNonFinite(token)) {
                            put(name);
                        } else {
                            parser.skipChildren();
                        }
                    }
                }
            }
            if (summary || (step == null && epoch == null)) {
                readings.clear();
                return;
            }
            readings.at(step, epoch);
            for (RunEvent event : readings.take(step == null)) {
                ready.add(new LogEntry(event, null, null));
            }
        }

        private void put(String name) throws IOException, MalformedLogException {
            Double value = JsonValues.number(parser, name);
            Scalar scalar = names.size() < 10_000
                    ? names.computeIfAbsent(name, same -> table.read(same, Part.UNSAID))
                    : table.read(name, Part.UNSAID);
            readings.put(scalar, value);
        }

        private boolean isNonFinite(JsonToken token) throws IOException {
            if (token != JsonToken.VALUE_STRING) {
                return false;
            }
            try {
                JsonValues.nonFinite(parser.getText(), "");
                return true;
            } catch (MalformedLogException e) {
                return false;
            }
        }

        private static RecordedRunException because(RecordedRunException named, Exception cause) {
            named.initCause(cause);
            return named;
        }
    }
}

package dev.gradwatch.recorded.csv;

import dev.gradwatch.detection.event.RunEvent;
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
import dev.gradwatch.recorded.names.AmbiguousLossException;
import dev.gradwatch.recorded.names.MeasurementGaps;
import dev.gradwatch.recorded.names.NameTable;
import dev.gradwatch.recorded.names.Scalar.Part;
import dev.gradwatch.recorded.names.ScalarNames;
import dev.gradwatch.recorded.names.ScalarRow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tables with a header line: Keras' {@code CSVLogger}, Lightning's {@code metrics.csv} and whatever else names its columns in a way that
 * {@link ScalarNames} understands. Rows of one step, or of one epoch where there are no steps, make one place of the run together.
 */
public final class CsvFormat implements LogFormat {

    private static final Set<String> GENERIC =
            Set.of("metrics", "results", "log", "logs", "training", "train", "history", "train_log", "training_log");

    @Override
    public String name() {
        return "CSV";
    }

    @Override
    public boolean isNamed(Path file) {
        String lower = LogFile.lowerName(file);
        return lower.endsWith(".csv") || lower.endsWith(".tsv") || lower.endsWith(".log");
    }

    @Override
    public boolean recognises(Path file, String opening, ReadOptions options) {
        return CsvColumns.of(header(opening), options.names()) != null;
    }

    @Override
    public String missing(Path file, String opening) {
        String name = LogFile.lowerName(file);
        return name.endsWith(".csv") || name.endsWith(".tsv")
                ? LogEntries.missingNames(CsvColumns.names(header(opening)))
                : null;
    }

    private static String header(String opening) {
        return opening.lines().filter(line -> !line.isBlank()).findFirst().orElse("");
    }

    @Override
    public boolean isGenericName(Path file) {
        String name = LogFile.lowerName(file);
        int dot = name.lastIndexOf('.');
        return GENERIC.contains(dot > 0 ? name.substring(0, dot) : name);
    }

    @Override
    public LogEntries open(List<LogFile> files, ReadOptions options) throws IOException, RecordedRunException {
        Entries entries = new Entries(LogFile.only(files), options.names());
        try {
            entries.readHeader();
            return entries;
        } catch (IOException | RecordedRunException | RuntimeException e) {
            entries.close();
            throw e;
        }
    }

    private static final class Entries implements LogEntries {
        private final Path file;
        private final LineReader lines;
        private final LogPosition from;
        private final Deque<LogEntry> ready = new ArrayDeque<>();
        private final ScalarRow readings = new ScalarRow();
        private CsvColumns columns;
        private LogPosition readyFrom;
        private LogPosition pendingFrom;
        private final NameTable given;
        private final MeasurementGaps gaps;
        private NameTable names;
        private String memory;
        private String pendingMemory;
        private boolean growing;
        private long rows;

        Entries(LogFile source, NameTable names) {
            given = names;
            gaps = new MeasurementGaps(
                    source.from().memory() == null ? "" : source.from().memory());
            memory = source.from().memory();
            file = source.file();
            lines = new LineReader(source.content(), source.growing());
            from = source.from();
            growing = source.growing();
            readings.stepwise(from.stepwise());
        }

        void readHeader() throws IOException, RecordedRunException {
            try {
                if (lines.next()) {
                    names = given.with(CsvColumns.names(text()), Part.UNSAID);
                    columns = CsvColumns.of(text(), names);
                    if (columns == null) {
                        throw located(new MalformedLogException("not the header of a training log", text()));
                    }
                    if (!lines.isTerminated()) {
                        throw cutOff();
                    }
                    lines.skipTo(from);
                } else if (!growing) {
                    throw new RecordedRunException(file, 0, "the file is empty", null);
                }
            } catch (AmbiguousLossException e) {
                throw located(new MalformedLogException(e.getMessage(), null));
            } catch (MalformedLogException e) {
                throw located(e);
            }
        }

        @Override
        public RunHeader header() {
            return RunHeader.EMPTY;
        }

        @Override
        public LogEntry next() throws IOException, RecordedRunException {
            try {
                while (ready.isEmpty()) {
                    LogPosition before = lines.mark();
                    if (columns == null || !lines.next()) {
                        if (growing || pendingFrom == null) {
                            return null;
                        }
                        complete();
                        continue;
                    }
                    if (!lines.isTerminated()) {
                        throw cutOff();
                    }
                    row(before);
                }
                return ready.remove();
            } catch (MalformedLogException e) {
                throw located(e);
            }
        }

        @Override
        public void settle() {
            if (pendingFrom != null) {
                complete();
            }
        }

        @Override
        public long line() {
            return lines.number();
        }

        @Override
        public boolean isBetweenPlaces() {
            return ready.isEmpty();
        }

        @Override
        public Map<Path, LogPosition> marks() {
            LogPosition mark = !ready.isEmpty() ? readyFrom : pendingFrom != null ? pendingFrom : lines.mark();
            String kept = pendingFrom != null && ready.isEmpty() ? pendingMemory : memory;
            return Map.of(file, new LogPosition(mark.offset(), mark.line(), readings.isStepwise(), kept));
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }

        private void row(LogPosition before) throws MalformedLogException {
            List<String> cells = CsvLine.cells(text(), columns.separator());
            if (repeatsHeader(cells)) {
                columns = CsvColumns.of(text(), names);
                return;
            }
            if (cells.size() != columns.count()
                    && !(cells.size() == columns.count() + 1
                            && cells.get(columns.count()).isEmpty())) {
                throw new MalformedLogException(cells.size() + " values under " + columns.count() + " columns", text());
            }
            CsvRow row = CsvRow.of(cells, columns, rows++);
            row.leaveOutWhatWasNotMeasured(gaps);
            if (pendingFrom != null && !row.continues(readings)) {
                complete();
            }
            if (pendingFrom == null) {
                pendingFrom = before;
                pendingMemory = memory;
                readings.at(row.step(), row.epoch());
            }
            row.into(readings);
            memory = gaps.memory();
            if (row.isFull() && pendingFrom.equals(before)) {
                complete();
            }
        }

        /** A header in the middle comes from a program that was started again. */
        private boolean repeatsHeader(List<String> cells) {
            int place = columns.step() >= 0 ? columns.step() : columns.epoch();
            return place >= 0
                    && place < cells.size()
                    && cells.get(place).equals(columns.column(place).label())
                    && CsvColumns.of(text(), names) != null;
        }

        private void complete() {
            readyFrom = pendingFrom;
            pendingFrom = null;
            Long time = readings.timeMillis();
            for (RunEvent event : readings.take(readings.step() == null)) {
                ready.add(new LogEntry(event, time, null));
            }
        }

        private RecordedRunException cutOff() {
            return RecordedRunException.cutOff(
                    file, lines.number(), "the last line has no line end, so that it may be cut off", text());
        }

        private RecordedRunException located(MalformedLogException e) {
            RecordedRunException named = new RecordedRunException(file, lines.number(), e.getMessage(), e.value());
            named.initCause(e);
            return named;
        }

        private String text() {
            return new String(lines.bytes(), lines.start(), lines.end() - lines.start(), StandardCharsets.UTF_8);
        }
    }
}

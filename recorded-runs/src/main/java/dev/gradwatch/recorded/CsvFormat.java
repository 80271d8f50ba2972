package dev.gradwatch.recorded;

import dev.gradwatch.detection.event.RunEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Tables with a header line: Keras' {@code CSVLogger}, Lightning's {@code metrics.csv} and whatever else names its columns in a way that
 * {@link ScalarNames} understands. Rows of one step, or of one epoch where there are no steps, make one place of the run together.
 */
final class CsvFormat implements RecordedFormat {

    private static final Set<String> ALIKE =
            Set.of("metrics", "results", "log", "logs", "training", "train", "history", "train_log", "training_log");

    @Override
    public String name() {
        return "CSV";
    }

    @Override
    public boolean isNamed(String fileName) {
        String lower = fileName.toLowerCase(Locale.ROOT);
        return lower.endsWith(".csv") || lower.endsWith(".tsv") || lower.endsWith(".log");
    }

    @Override
    public boolean recognises(String fileName, String opening) {
        return CsvColumns.of(opening.lines()
                        .filter(line -> !line.isBlank())
                        .findFirst()
                        .orElse(""))
                != null;
    }

    @Override
    public boolean isNamedAlike(String fileName) {
        int dot = fileName.lastIndexOf('.');
        return ALIKE.contains((dot > 0 ? fileName.substring(0, dot) : fileName).toLowerCase(Locale.ROOT));
    }

    @Override
    public RecordedEntries open(Source source) throws IOException, RecordedRunException {
        Entries entries = new Entries(source);
        try {
            entries.readHeader();
            return entries;
        } catch (IOException | RecordedRunException | RuntimeException e) {
            entries.close();
            throw e;
        }
    }

    private static final class Entries implements RecordedEntries {
        private final Path file;
        private final Lines lines;
        private final Mark from;
        private final Deque<RecordedEntry> ready = new ArrayDeque<>();
        private final Readings readings = new Readings();
        private CsvColumns columns;
        private Mark readyFrom;
        private Mark pendingFrom;
        private boolean growing;
        private long rows;

        Entries(Source source) {
            file = source.file();
            lines = new Lines(source.content(), source.growing());
            from = source.from();
            growing = source.growing();
            readings.stepwise(from.stepwise());
        }

        void readHeader() throws IOException, RecordedRunException {
            try {
                if (lines.next()) {
                    columns = CsvColumns.of(text());
                    if (columns == null) {
                        throw located(new MalformedLineException("not the header of a training log", text()));
                    }
                    if (!lines.isTerminated()) {
                        throw cutOff();
                    }
                    lines.skipTo(from);
                } else if (!growing) {
                    throw new RecordedRunException(file, 0, "the file is empty", null);
                }
            } catch (MalformedLineException e) {
                throw located(e);
            }
        }

        @Override
        public RunHeader header() {
            return RunHeader.EMPTY;
        }

        @Override
        public RecordedEntry next() throws IOException, RecordedRunException {
            try {
                while (ready.isEmpty()) {
                    Mark before = lines.mark();
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
            } catch (MalformedLineException e) {
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
        public Map<Path, Mark> marks() {
            Mark mark = !ready.isEmpty() ? readyFrom : pendingFrom != null ? pendingFrom : lines.mark();
            return Map.of(file, new Mark(mark.offset(), mark.line(), readings.isStepwise()));
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }

        private void row(Mark before) throws MalformedLineException {
            List<String> cells = CsvLine.cells(text(), columns.separator());
            if (repeatsHeader(cells)) {
                columns = CsvColumns.of(text());
                return;
            }
            if (cells.size() != columns.count()
                    && !(cells.size() == columns.count() + 1
                            && cells.get(columns.count()).isEmpty())) {
                throw new MalformedLineException(
                        cells.size() + " values under " + columns.count() + " columns", text());
            }
            CsvRow row = CsvRow.of(cells, columns, rows++);
            if (pendingFrom != null && !row.continues(readings)) {
                complete();
            }
            if (pendingFrom == null) {
                pendingFrom = before;
                readings.at(row.step(), row.epoch());
            }
            row.into(readings);
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
                    && CsvColumns.of(text()) != null;
        }

        private void complete() {
            readyFrom = pendingFrom;
            pendingFrom = null;
            Long time = readings.timeMillis();
            for (RunEvent event : readings.take(readings.step() == null)) {
                ready.add(new RecordedEntry(event, time, null));
            }
        }

        private RecordedRunException cutOff() {
            return RecordedRunException.cutOff(
                    file, lines.number(), "the last line has no line end, so that it may be cut off", text());
        }

        private RecordedRunException located(MalformedLineException e) {
            RecordedRunException named = new RecordedRunException(file, lines.number(), e.getMessage(), e.value());
            named.initCause(e);
            return named;
        }

        private String text() {
            return new String(lines.bytes(), lines.start(), lines.end() - lines.start(), StandardCharsets.UTF_8);
        }
    }
}

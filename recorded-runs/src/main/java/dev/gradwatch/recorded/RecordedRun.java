package dev.gradwatch.recorded;

import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.recorded.log.LogEntries;
import dev.gradwatch.recorded.log.LogEntry;
import dev.gradwatch.recorded.log.MalformedLogException;
import dev.gradwatch.recorded.log.RecordedRunException;
import dev.gradwatch.recorded.log.RunHeader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/**
 * One recorded run, read record by record: the registration first, the end last if the file tells it.
 *
 * <p>Whoever reads a file, in whatever way, gets the same records. Time is the file's own where it has one; else the run begins at a fixed
 * moment and every record comes a second after the one before. A step or epoch that goes back begins the next attempt, with a registration
 * of its own. Not thread-safe.
 */
public final class RecordedRun implements Closeable {

    private static final long DEFAULT_START =
            Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
    private static final long PACE_MILLIS = 1000;

    private final Path file;
    private final LongSupplier bytesRead;
    private final LogEntries entries;
    private final String runId;
    private final RunAssembler assembler;
    private final Deque<RunRecord> ready = new ArrayDeque<>(2);
    private boolean ended;
    private boolean exhausted;
    private boolean read;

    RecordedRun(Path file, String fallbackId, LongSupplier bytesRead, LogEntries entries) {
        this.file = file;
        this.bytesRead = bytesRead;
        this.entries = entries;
        RunHeader header = entries.header();
        this.runId = header.runId() == null ? fallbackId : header.runId();
        this.assembler = new RunAssembler(
                runId,
                header.registration(),
                header.attempt(),
                header.startMillis() == null ? DEFAULT_START : header.startMillis(),
                new AttemptBounds(),
                (stated, previous) -> stated == null ? previous + PACE_MILLIS : stated);
        ready.add(assembler.started());
    }

    /** The file, or the folder where a run has several. */
    public Path file() {
        return file;
    }

    public String runId() {
        return runId;
    }

    /** What the file says of the run; its name is the run id when the file gives none. */
    public RunStarted registration() {
        return assembler.registration();
    }

    /** Bytes of the file read so far, packed ones where it is packed. */
    public long bytesRead() {
        return bytesRead.getAsLong();
    }

    /**
     * The next record, or {@code null} at the end.
     *
     * @throws RecordedRunException when something cannot be read; nothing more can be read after it, and what came before is sound
     */
    public RunRecord next() throws RecordedRunException {
        if (!ready.isEmpty()) {
            return ready.remove();
        }
        // An end is not the end of the file: another attempt may follow.
        LogEntry entry = exhausted ? null : read();
        if (entry == null) {
            exhausted = true;
            if (!read) {
                throw new RecordedRunException(file, 0, "nothing was read from it: " + entries.lookedFor(), null);
            }
            return end();
        }
        read = true;
        ended = entry.event() instanceof RunFinished;
        try {
            ready.addAll(assembler.accept(entry));
        } catch (MalformedLogException e) {
            throw new RecordedRunException(file, entries.line(), e.getMessage(), e.value());
        }
        return ready.remove();
    }

    @Override
    public void close() throws IOException {
        entries.close();
    }

    private LogEntry read() throws RecordedRunException {
        try {
            return entries.next();
        } catch (IOException e) {
            throw RecordedRuns.failed(file, entries.line(), e);
        }
    }

    private RunRecord end() {
        RunFinished finished = entries.header().finished();
        if (ended || finished == null) {
            return null;
        }
        ended = true;
        return assembler.finished(finished);
    }
}

package dev.gradwatch.recorded.follow;

import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.recorded.AttemptBounds;
import dev.gradwatch.recorded.RunAssembler;
import dev.gradwatch.recorded.log.LogEntries;
import dev.gradwatch.recorded.log.LogEntry;
import dev.gradwatch.recorded.log.LogFile;
import dev.gradwatch.recorded.log.LogFormat;
import dev.gradwatch.recorded.log.LogPosition;
import dev.gradwatch.recorded.log.MalformedLogException;
import dev.gradwatch.recorded.log.RecordedRunException;
import dev.gradwatch.recorded.log.RunHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One turn of a {@link LogTail}: what it reads, and what will be kept of it. */
final class TailRead {

    /** So that other runs have their turn, and that what was read is kept from time to time. */
    private static final int MOST_RECORDS = 10_000;

    private final LogTail run;
    private final TailPosition kept;
    private final Map<Path, FileStatus> seen;
    private final LogTail.Sink sink;
    private final PublishedEvents published;
    private Map<Path, LogPosition> marks = new HashMap<>();
    private RunAssembler assembler;
    private String runId;
    private boolean finished;
    private boolean more;
    private long count;

    TailRead(LogTail run, LogTail.Sink sink) {
        this.run = run;
        this.kept = run.kept();
        this.seen = run.seen();
        this.sink = sink;
        this.published = new PublishedEvents(kept.recent());
        this.runId = kept.runId();
        this.finished = kept.finished();
        for (Path file : seen.keySet()) {
            FilePosition before = kept.files().get(key(file));
            if (before != null) {
                marks.put(file, before.mark());
            }
        }
    }

    /** Records that went to the sink. */
    long count() {
        return count;
    }

    /** Whether there is more to read than one turn does. */
    boolean hasMore() {
        return more;
    }

    /** Whether there is a place to go on from: all files still begin with what was read of them. */
    boolean continues(LogFormat format) throws IOException {
        for (Map.Entry<Path, FileStatus> file : seen.entrySet()) {
            FilePosition before = kept.files().get(key(file.getKey()));
            boolean fits = before == null
                    ? format.hasSeveralFiles() || !kept.isStarted()
                    : file.getValue().continues(file.getKey(), before);
            if (!fits) {
                return false;
            }
        }
        return !format.isRewritten();
    }

    /** Reads from where the last turn ended. */
    void readOn(LogFormat format, boolean settle) throws IOException, RecordedRunException, InterruptedException {
        try (LogEntries entries = open(format, marks)) {
            drain(entries, 0, settle);
            marks = new HashMap<>(entries.marks());
        }
    }

    /**
     * Reads from the beginning, past what is known.
     *
     * @param believed whether the log may be another one than before
     * @return whether it was read; not when it is another one and that is not believed
     */
    boolean readAnew(LogFormat format, boolean settle, boolean believed)
            throws IOException, RecordedRunException, InterruptedException {
        PublishedEvents.Known known;
        try (LogEntries entries = open(format, Map.of())) {
            known = published.find(entries, format.isRewritten());
        }
        if (!known.toTheLast() && !believed) {
            return false;
        }
        if (!format.isRewritten()) {
            readRestOfRenamed(format);
        }
        try (LogEntries entries = open(format, Map.of())) {
            drain(entries, known.count(), settle);
            marks = new HashMap<>(entries.marks());
        }
        return true;
    }

    /** What is to be kept after the files were read. */
    TailPosition kept() throws IOException {
        Map<String, FilePosition> files = new HashMap<>();
        for (Map.Entry<Path, LogPosition> mark : marks.entrySet()) {
            FileStatus facts = seen.get(mark.getKey());
            if (facts != null) {
                files.put(key(mark.getKey()), facts.kept(mark.getKey(), mark.getValue()));
            }
        }
        return kept(files);
    }

    /** Publishes the end alone; what is to be kept then. */
    TailPosition finish(RunFinished how) throws InterruptedException {
        begin(RunHeader.EMPTY);
        end(how);
        return kept(kept.files());
    }

    private TailPosition kept(Map<String, FilePosition> files) {
        boolean begun = assembler != null;
        return new TailPosition(
                runId,
                begun ? assembler.attempt() : kept.attempt(),
                begun ? assembler.timeMillis() : kept.timeMillis(),
                finished,
                begun ? assembler.bounds().numbers() : kept.bounds(),
                files,
                published.prints(),
                kept.events() + count);
    }

    /** A log that was rotated away between two turns may have lines that nobody has read. */
    private void readRestOfRenamed(LogFormat format) throws IOException, RecordedRunException, InterruptedException {
        for (Path file : seen.keySet()) {
            FilePosition before = kept.files().get(key(file));
            Path renamed = before == null || before.key() == null ? null : renamed(file, before);
            if (renamed != null) {
                LogFile rest = LogFile.growing(renamed, before.mark());
                try (LogEntries entries = format.open(List.of(rest), run.options())) {
                    drain(entries, 0, true);
                }
            }
        }
    }

    private LogEntries open(LogFormat format, Map<Path, LogPosition> from) throws IOException, RecordedRunException {
        List<LogFile> files = new ArrayList<>();
        try {
            for (Path file : format.hasSeveralFiles()
                    ? seen.keySet()
                    : List.of(seen.keySet().iterator().next())) {
                files.add(LogFile.growing(file, from.getOrDefault(file, LogPosition.START)));
            }
        } catch (IOException e) {
            for (LogFile file : files) {
                file.content().close();
            }
            throw e;
        }
        return format.open(files, run.options());
    }

    private void drain(LogEntries entries, long known, boolean settle) throws IOException, InterruptedException {
        long skip = known;
        long limit = count + MOST_RECORDS;
        boolean asked = false;
        while (true) {
            if (count >= limit && entries.isBetweenPlaces()) {
                more = true;
                return;
            }
            Map<Path, LogPosition> mark = entries.marks();
            try {
                LogEntry entry = entries.next();
                if (entry != null && skip > 0) {
                    skip--;
                } else if (entry != null) {
                    publish(entry, entries);
                } else if (settle && !asked) {
                    asked = true;
                    entries.settle();
                } else {
                    break;
                }
            } catch (RecordedRunException e) {
                run.tell(e);
                if (entries.marks().equals(mark)) {
                    break;
                }
            }
        }
        if (settle && !more && runId == null) {
            run.tell(new RecordedRunException(
                    run.found().place(), 0, "nothing was read from it yet: " + entries.lookedFor(), null));
        }
        RunFinished how = entries.header().finished();
        if (how != null && runId != null && !finished) {
            begin(entries.header());
            end(how);
        }
    }

    private void publish(LogEntry entry, LogEntries entries) throws InterruptedException, RecordedRunException {
        boolean first = runId == null;
        begin(entries.header());
        if (first) {
            deliver(assembler.started());
        }
        if (finished && !goesOn(entry.event())) {
            return;
        }
        try {
            for (RunRecord record : assembler.accept(entry)) {
                deliver(record);
            }
        } catch (MalformedLogException e) {
            throw new RecordedRunException(run.found().place(), entries.line(), e.getMessage(), e.value());
        }
        finished = entry.event() instanceof RunFinished;
        published.add(entry.event());
    }

    /** After its end a run that goes on, or begins again, is in its next attempt; a last evaluation is not worth one. */
    private boolean goesOn(RunEvent event) throws InterruptedException {
        if (assembler.bounds().isBack(event)) {
            return true;
        }
        if (assembler.bounds().isBehind(event)) {
            deliver(assembler.restart());
            return true;
        }
        return false;
    }

    private void begin(RunHeader header) {
        if (assembler != null) {
            return;
        }
        if (runId == null) {
            runId = header.runId() == null ? run.found().id() : header.runId();
        }
        boolean before = kept.isStarted();
        long start = header.startMillis() == null ? run.now() : header.startMillis();
        assembler = new RunAssembler(
                runId,
                run.completed(header.registration()),
                before ? kept.attempt() : header.attempt(),
                before ? kept.timeMillis() : start,
                before ? AttemptBounds.of(kept.bounds()) : new AttemptBounds(),
                (stated, previous) -> stated == null ? Math.max(previous, run.now()) : stated);
    }

    private void end(RunFinished how) throws InterruptedException {
        deliver(assembler.finished(how));
        finished = true;
    }

    private void deliver(RunRecord record) throws InterruptedException {
        sink.accept(record);
        count++;
    }

    private static String key(Path file) {
        return file.toAbsolutePath().normalize().toString();
    }

    private static Path renamed(Path file, FilePosition before) {
        try (Stream<Path> beside = Files.list(file.toAbsolutePath().getParent())) {
            return beside.filter(path -> !path.getFileName().equals(file.getFileName()))
                    .filter(path -> isSame(path, before))
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            // Then its rest is out of reach.
            return null;
        }
    }

    private static boolean isSame(Path path, FilePosition before) {
        FileStatus facts = FileStatus.of(path);
        try {
            return facts != null && before.key().equals(facts.key()) && facts.continues(path, before);
        } catch (IOException e) {
            return false;
        }
    }
}

package dev.gradwatch.recorded;

import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One turn of a {@link GrowingRun}: what it reads, and what will be kept of it. */
final class GrowingTurn {

    private static final int BUFFER = 64 << 10;

    /** So that other runs have their turn, and that what was read is kept from time to time. */
    private static final int MOST_RECORDS = 10_000;

    private final GrowingRun run;
    private final KeptRun kept;
    private final Map<Path, FileFacts> seen;
    private final GrowingRun.Sink sink;
    private final PublishedEvents published;
    private Map<Path, Mark> marks = new HashMap<>();
    private RunAssembler assembler;
    private String runId;
    private boolean finished;
    private boolean more;
    private long count;

    GrowingTurn(GrowingRun run, GrowingRun.Sink sink) {
        this.run = run;
        this.kept = run.kept();
        this.seen = run.seen();
        this.sink = sink;
        this.published = new PublishedEvents(kept.recent());
        this.runId = kept.runId();
        this.finished = kept.finished();
        for (Path file : seen.keySet()) {
            KeptFile before = kept.files().get(key(file));
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
    boolean continues(RecordedFormat format) throws IOException {
        for (Map.Entry<Path, FileFacts> file : seen.entrySet()) {
            KeptFile before = kept.files().get(key(file.getKey()));
            boolean fits = before == null
                    ? format instanceof EventFileFormat || !kept.isStarted()
                    : file.getValue().continues(file.getKey(), before);
            if (!fits) {
                return false;
            }
        }
        return !format.isRewritten();
    }

    /** Reads from where the last turn ended. */
    void readOn(RecordedFormat format, boolean settle) throws IOException, RecordedRunException, InterruptedException {
        try (RecordedEntries entries = open(format, marks)) {
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
    boolean readAnew(RecordedFormat format, boolean settle, boolean believed)
            throws IOException, RecordedRunException, InterruptedException {
        PublishedEvents.Known known;
        try (RecordedEntries entries = open(format, Map.of())) {
            known = published.find(entries, format.isRewritten());
        }
        if (!known.toTheLast() && !believed) {
            return false;
        }
        if (!format.isRewritten()) {
            readRestOfRenamed(format);
        }
        try (RecordedEntries entries = open(format, Map.of())) {
            drain(entries, known.count(), settle);
            marks = new HashMap<>(entries.marks());
        }
        return true;
    }

    /** What is to be kept after the files were read. */
    KeptRun kept() throws IOException {
        Map<String, KeptFile> files = new HashMap<>();
        for (Map.Entry<Path, Mark> mark : marks.entrySet()) {
            FileFacts facts = seen.get(mark.getKey());
            if (facts != null) {
                files.put(key(mark.getKey()), facts.kept(mark.getKey(), mark.getValue()));
            }
        }
        return kept(files);
    }

    /** Publishes the end alone; what is to be kept then. */
    KeptRun finish(RunFinished how) throws InterruptedException {
        begin(RunHeader.EMPTY);
        end(how);
        return kept(kept.files());
    }

    private KeptRun kept(Map<String, KeptFile> files) {
        boolean begun = assembler != null;
        return new KeptRun(
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
    private void readRestOfRenamed(RecordedFormat format)
            throws IOException, RecordedRunException, InterruptedException {
        for (Path file : seen.keySet()) {
            KeptFile before = kept.files().get(key(file));
            Path renamed = before == null || before.key() == null ? null : renamed(file, before);
            if (renamed != null) {
                Source rest = new Source(renamed, stream(renamed), () -> stream(renamed), before.mark(), true);
                try (RecordedEntries entries = format.open(rest)) {
                    drain(entries, 0, true);
                }
            }
        }
    }

    private RecordedEntries open(RecordedFormat format, Map<Path, Mark> from) throws IOException, RecordedRunException {
        List<Path> files = List.copyOf(seen.keySet());
        if (format instanceof EventFileFormat) {
            return EventFileFormat.open(files, from, true, content -> content);
        }
        Path file = files.get(0);
        return format.open(
                new Source(file, stream(file), () -> stream(file), from.getOrDefault(file, Mark.START), true));
    }

    private void drain(RecordedEntries entries, long known, boolean settle) throws IOException, InterruptedException {
        long skip = known;
        long limit = count + MOST_RECORDS;
        boolean asked = false;
        while (true) {
            if (count >= limit && entries.isBetweenPlaces()) {
                more = true;
                return;
            }
            Map<Path, Mark> mark = entries.marks();
            try {
                RecordedEntry entry = entries.next();
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
        RunFinished how = entries.header().finished();
        if (how != null && runId != null && !finished) {
            begin(entries.header());
            end(how);
        }
    }

    private void publish(RecordedEntry entry, RecordedEntries entries)
            throws InterruptedException, RecordedRunException {
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
        } catch (MalformedLineException e) {
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

    private static InputStream stream(Path file) throws IOException {
        return new BufferedInputStream(Files.newInputStream(file), BUFFER);
    }

    private static Path renamed(Path file, KeptFile before) {
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

    private static boolean isSame(Path path, KeptFile before) {
        FileFacts facts = FileFacts.of(path);
        try {
            return facts != null && before.key().equals(facts.key()) && facts.continues(path, before);
        } catch (IOException e) {
            return false;
        }
    }
}

package dev.gradwatch.app.recorded;

import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A run whose log is still being written, read in turns. Between two turns no file is open.
 *
 * <p>What was not written whole is left for the next turn. A file that no longer begins with what was read of it was truncated, rotated or
 * written anew: then the rest of a renamed file is read first, and the new content from where it goes past what is known, so that a log
 * that its program rewrites from the beginning tells nothing twice.
 *
 * <p>What a turn has read counts from its end on ({@link #kept()}); a caller that could not deliver it makes a new object of what it had
 * kept before. Not thread-safe.
 */
public final class GrowingRun {

    private static final int BUFFER = 64 << 10;
    private static final int RECENT = 64;
    private static final int MOST_A_TURN = 10_000;
    private static final int MOST_TOLD = 100;

    /** Takes the records of a turn. */
    @FunctionalInterface
    public interface Sink {
        void accept(RunRecord record) throws InterruptedException;
    }

    private final UnaryOperator<RunStarted> completed;
    private final LongSupplier now;
    private final Consumer<RecordedRunException> trouble;
    private final Set<String> told = new HashSet<>();
    private FoundRun found;
    private KeptRun kept;
    private Map<Path, FileFacts> current = Map.of();
    private Map<Path, FileFacts> seen = Map.of();
    private Map<Path, FileFacts> doubted = Map.of();
    private boolean settled;
    private boolean more;

    /**
     * Reads nothing yet.
     *
     * @param completed adds to the registration what the log does not say
     * @param now the time of records that have none of their own, milliseconds since 1970
     * @param trouble hears what could not be read, once
     */
    public GrowingRun(
            FoundRun found,
            KeptRun kept,
            UnaryOperator<RunStarted> completed,
            LongSupplier now,
            Consumer<RecordedRunException> trouble) {
        this.found = found;
        this.kept = kept;
        this.completed = completed;
        this.now = now;
        this.trouble = trouble;
    }

    public FoundRun found() {
        return found;
    }

    /** The same run with the files that it has now. */
    public void found(FoundRun again) {
        found = again;
    }

    /** As of the end of the last turn. */
    public KeptRun kept() {
        return kept;
    }

    /** Whether the last turn ended before everything was read. */
    public boolean hasMore() {
        return more;
    }

    /**
     * Whether the log does not hold what was read of it before. Its program may be at writing it anew, or has begun another run: that is
     * believed when the log is the same in the next turn.
     */
    public boolean isDoubtful() {
        return !doubted.isEmpty();
    }

    /** When one of its files was last written, milliseconds since 1970; 0 when all are gone. */
    public long modifiedMillis() {
        return seen.values().stream().mapToLong(FileFacts::modifiedMillis).max().orElse(0);
    }

    /** Looks at the files, without reading them; whether they changed since the last turn. */
    public boolean look() {
        current = facts();
        return !current.equals(seen);
    }

    /**
     * Reads what is new, as far as {@link #look()} saw it.
     *
     * @param settle whether nothing more is to be expected soon, so that what might still be added to a step is waited for no longer
     * @return how many records went to the sink
     */
    public long read(boolean settle, Sink sink) throws InterruptedException {
        boolean changed = !current.equals(seen);
        if (current.isEmpty() || !(changed || more || isDoubtful() || (settle && !settled))) {
            return 0;
        }
        seen = current;
        settled = settle;
        more = false;
        Turn turn = new Turn(sink);
        try {
            RecordedFormat format = format();
            if (format == null) {
                return 0;
            }
            if (!format.isRewritten() && turn.continues()) {
                turn.readOn(format, settle);
            } else if (!turn.readAnew(format, settle)) {
                return 0;
            }
            doubted = Map.of();
            kept = turn.kept();
        } catch (IOException e) {
            tell(RecordedRuns.failed(found.place(), 0, e));
        } catch (RecordedRunException e) {
            // Of a document that is just being written only a part is there; the next turn sees it whole.
            if (settle || !e.isCutOff()) {
                tell(e);
            }
        }
        return turn.count;
    }

    /** Says that the run ended, if it was begun and did not say so itself. */
    public boolean finish(RunFinished how, Sink sink) throws InterruptedException {
        if (!kept.isStarted() || kept.finished()) {
            return false;
        }
        Turn turn = new Turn(sink);
        turn.begin(RunHeader.EMPTY);
        turn.finish(how);
        kept = turn.keptWithFilesOf(kept);
        return true;
    }

    private Map<Path, FileFacts> facts() {
        Map<Path, FileFacts> facts = new LinkedHashMap<>();
        for (Path file : found.files()) {
            FileFacts of = FileFacts.of(file);
            if (of != null && of.size() > 0) {
                facts.put(file, of);
            }
        }
        return facts;
    }

    private RecordedFormat format() throws IOException {
        Path first = seen.keySet().iterator().next();
        try (InputStream content = new BufferedInputStream(Files.newInputStream(first), BUFFER)) {
            return Formats.of(String.valueOf(first.getFileName()), RecordedRuns.opening(content));
        }
    }

    private void tell(RecordedRunException problem) {
        if (told.size() < MOST_TOLD && told.add(problem.getMessage())) {
            trouble.accept(problem);
        }
    }

    private static InputStream stream(Path file) throws IOException {
        return new BufferedInputStream(Files.newInputStream(file), BUFFER);
    }

    /**
     * How much of a log is known.
     *
     * @param count entries at its beginning
     * @param toTheLast whether the last event that was published is among them
     */
    private record Known(long count, boolean toTheLast) {}

    /** One turn: what it reads, and what will be kept of it. */
    private final class Turn {
        private final Sink sink;
        private final Deque<Long> recent = new ArrayDeque<>(kept.recent());
        private final Deque<RunEvent> published = new ArrayDeque<>();
        private Map<Path, Mark> marks = new HashMap<>();
        private RunAssembler assembler;
        private String runId = kept.runId();
        private boolean finished = kept.finished();
        private long count;

        Turn(Sink sink) {
            this.sink = sink;
            for (Path file : seen.keySet()) {
                KeptFile before = kept.files().get(file.toString());
                if (before != null) {
                    marks.put(file, before.mark());
                }
            }
        }

        boolean continues() throws IOException {
            for (Map.Entry<Path, FileFacts> file : seen.entrySet()) {
                KeptFile before = kept.files().get(file.getKey().toString());
                if (before != null && !file.getValue().continues(file.getKey(), before)) {
                    return false;
                }
            }
            return true;
        }

        void readOn(RecordedFormat format, boolean settle)
                throws IOException, RecordedRunException, InterruptedException {
            try (RecordedEntries entries = open(format, marks)) {
                drain(entries, 0, settle);
                marks = new HashMap<>(entries.marks());
            }
        }

        /** Whether it was read; not when it is in doubt. */
        boolean readAnew(RecordedFormat format, boolean settle)
                throws IOException, RecordedRunException, InterruptedException {
            Known known;
            try (RecordedEntries entries = open(format, Map.of())) {
                known = knownOf(entries, format.isRewritten());
            }
            if (!known.toTheLast() && !doubted.equals(seen)) {
                doubted = seen;
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

        /** A log that was rotated away between two turns may have lines that nobody has read. */
        private void readRestOfRenamed(RecordedFormat format)
                throws IOException, RecordedRunException, InterruptedException {
            for (Path file : seen.keySet()) {
                KeptFile before = kept.files().get(file.toString());
                Path renamed = before == null || before.key() == null ? null : renamed(file, before);
                if (renamed != null) {
                    try (RecordedEntries entries = format.open(
                            new Source(renamed, stream(renamed), () -> stream(renamed), before.mark(), true))) {
                        drain(entries, 0, true);
                    }
                }
            }
        }

        KeptRun kept() throws IOException {
            Map<String, KeptFile> files = new HashMap<>();
            for (Map.Entry<Path, Mark> mark : marks.entrySet()) {
                FileFacts facts = seen.get(mark.getKey());
                if (facts != null) {
                    files.put(mark.getKey().toString(), facts.kept(mark.getKey(), mark.getValue()));
                }
            }
            return kept(files);
        }

        KeptRun keptWithFilesOf(KeptRun before) {
            return kept(before.files());
        }

        void begin(RunHeader header) {
            if (assembler != null) {
                return;
            }
            if (runId == null) {
                runId = header.runId() == null ? found.id() : header.runId();
            }
            boolean before = kept.isStarted();
            long start = header.startMillis() == null ? now.getAsLong() : header.startMillis();
            assembler = new RunAssembler(
                    runId,
                    completed.apply(header.registration()),
                    before ? kept.attempt() : header.attempt(),
                    before ? kept.timeMillis() : start,
                    before ? AttemptBounds.of(kept.bounds()) : new AttemptBounds(),
                    (stated, previous) -> stated == null ? Math.max(previous, now.getAsLong()) : stated);
        }

        void finish(RunFinished how) throws InterruptedException {
            deliver(assembler.finished(how));
            finished = true;
        }

        private KeptRun kept(Map<String, KeptFile> files) {
            for (RunEvent event : published) {
                Long print = EventPrint.of(event);
                if (print != null) {
                    recent.add(print);
                }
            }
            while (recent.size() > RECENT) {
                recent.remove();
            }
            boolean started = assembler != null;
            return new KeptRun(
                    runId,
                    started ? assembler.attempt() : kept.attempt(),
                    started ? assembler.timeMillis() : kept.timeMillis(),
                    finished,
                    started ? assembler.bounds().numbers() : kept.bounds(),
                    files,
                    List.copyOf(recent),
                    kept.events() + count);
        }

        private RecordedEntries open(RecordedFormat format, Map<Path, Mark> from)
                throws IOException, RecordedRunException {
            List<Path> files = List.copyOf(seen.keySet());
            if (format instanceof EventFileFormat) {
                return EventFileFormat.open(files, from, true, content -> content);
            }
            Path file = files.get(0);
            return format.open(
                    new Source(file, stream(file), () -> stream(file), from.getOrDefault(file, Mark.START), true));
        }

        /** How much of the beginning is known: up to the latest of the recent events that stands there, at its last place. */
        private Known knownOf(RecordedEntries entries, boolean whole) throws IOException, RecordedRunException {
            Map<Long, Integer> ages = new HashMap<>();
            recent.forEach(print -> ages.put(print, ages.size()));
            long known = 0;
            int best = -1;
            long at = 0;
            while (true) {
                Map<Path, Mark> before = entries.marks();
                try {
                    RecordedEntry entry = entries.next();
                    if (entry == null) {
                        break;
                    }
                    at++;
                    Integer age = ages.get(EventPrint.of(entry.event()));
                    if (age != null && age >= best) {
                        best = age;
                        known = at;
                    }
                } catch (RecordedRunException e) {
                    if (whole) {
                        throw e;
                    }
                    if (entries.marks().equals(before)) {
                        break;
                    }
                }
            }
            return new Known(known, best == ages.size() - 1);
        }

        private void drain(RecordedEntries entries, long known, boolean settle)
                throws IOException, InterruptedException {
            long skip = known;
            boolean asked = false;
            long limit = count + MOST_A_TURN;
            while (true) {
                if (count >= limit && entries.isBetweenPlaces()) {
                    more = true;
                    return;
                }
                Map<Path, Mark> before = entries.marks();
                try {
                    RecordedEntry entry = entries.next();
                    if (entry != null) {
                        if (skip > 0) {
                            skip--;
                        } else {
                            publish(entry, entries);
                        }
                        continue;
                    }
                } catch (RecordedRunException e) {
                    tell(e);
                    if (entries.marks().equals(before)) {
                        break;
                    }
                    continue;
                }
                if (!settle || asked) {
                    break;
                }
                asked = true;
                entries.settle();
            }
            RunFinished end = entries.header().finished();
            if (end != null && runId != null && !finished) {
                begin(entries.header());
                finish(end);
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
                throw new RecordedRunException(found.place(), entries.line(), e.getMessage(), e.value());
            }
            finished = entry.event() instanceof RunFinished;
            published.add(entry.event());
            if (published.size() > RECENT) {
                published.remove();
            }
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

        private void deliver(RunRecord record) throws InterruptedException {
            sink.accept(record);
            count++;
        }

        private Path renamed(Path file, KeptFile before) {
            Path folder = file.toAbsolutePath().getParent();
            try (Stream<Path> beside = Files.list(folder)) {
                return beside.filter(path -> !path.getFileName().equals(file.getFileName()))
                        .filter(path -> isSame(path, before))
                        .findFirst()
                        .orElse(null);
            } catch (IOException e) {
                return null;
            }
        }

        private boolean isSame(Path path, KeptFile before) {
            FileFacts facts = FileFacts.of(path);
            try {
                return facts != null && before.key().equals(facts.key()) && facts.continues(path, before);
            } catch (IOException e) {
                return false;
            }
        }
    }
}

package dev.gradwatch.recorded.follow;

import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.recorded.Formats;
import dev.gradwatch.recorded.FoundRun;
import dev.gradwatch.recorded.RecordedRuns;
import dev.gradwatch.recorded.log.LogFormat;
import dev.gradwatch.recorded.log.ReadOptions;
import dev.gradwatch.recorded.log.RecordedRunException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

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
public final class LogTail {

    private static final int MOST_TOLD = 100;

    /** Takes the records of a turn. */
    @FunctionalInterface
    public interface Sink {
        void accept(RunRecord record) throws InterruptedException;
    }

    private final ReadOptions options;
    private final UnaryOperator<RunStarted> completed;
    private final LongSupplier now;
    private final Consumer<RecordedRunException> trouble;
    private final Set<String> told = new HashSet<>();
    private FoundRun found;
    private TailPosition kept;
    private Map<Path, FileStatus> current = Map.of();
    private Map<Path, FileStatus> seen = Map.of();
    private Map<Path, FileStatus> doubted = Map.of();
    private boolean settled;
    private boolean more;

    /**
     * Reads nothing yet.
     *
     * @param completed adds to the registration what the log does not say
     * @param now the time of records that have none of their own, milliseconds since 1970
     * @param trouble hears what could not be read, once
     */
    public LogTail(
            FoundRun found,
            TailPosition kept,
            ReadOptions options,
            UnaryOperator<RunStarted> completed,
            LongSupplier now,
            Consumer<RecordedRunException> trouble) {
        this.found = found;
        this.kept = kept;
        this.options = options;
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
    public TailPosition kept() {
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
        return seen.values().stream()
                .mapToLong(FileStatus::modifiedMillis)
                .max()
                .orElse(0);
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
        if (current.isEmpty()) {
            doubted = Map.of();
            return 0;
        }
        if (!(changed || more || isDoubtful() || (settle && !settled))) {
            return 0;
        }
        seen = current;
        settled = settle;
        more = false;
        TailRead turn = new TailRead(this, sink);
        try {
            LogFormat format = format();
            if (format == null) {
                tellIf(settle, "not a training log of a known format (" + RecordedRuns.formatNames() + ")");
                return 0;
            }
            if (turn.continues(format)) {
                turn.readOn(format, settle);
            } else if (!turn.readAnew(format, settle, doubted.equals(seen))) {
                doubted = seen;
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
        more = turn.hasMore();
        return turn.count();
    }

    /** Says that the run ended, if it was begun and did not say so itself. */
    public boolean finish(RunFinished how, Sink sink) throws InterruptedException {
        if (!kept.isStarted() || kept.finished()) {
            return false;
        }
        TailRead turn = new TailRead(this, sink);
        kept = turn.finish(how);
        return true;
    }

    private Map<Path, FileStatus> facts() {
        Map<Path, FileStatus> facts = new LinkedHashMap<>();
        for (Path file : found.files()) {
            FileStatus of = FileStatus.of(file);
            if (of != null && of.size() > 0) {
                facts.put(file, of);
            }
        }
        return facts;
    }

    private LogFormat format() throws IOException {
        return Formats.of(seen.keySet().iterator().next(), options);
    }

    private void tellIf(boolean settle, String reason) {
        if (settle) {
            tell(new RecordedRunException(found.place(), 0, reason, null));
        }
    }

    /** The files as the turn sees them. */
    Map<Path, FileStatus> seen() {
        return seen;
    }

    ReadOptions options() {
        return options;
    }

    RunStarted completed(RunStarted said) {
        return completed.apply(said);
    }

    long now() {
        return now.getAsLong();
    }

    /** Passes on what could not be read, if it is new. */
    void tell(RecordedRunException problem) {
        if (told.size() < MOST_TOLD && told.add(problem.getMessage())) {
            trouble.accept(problem);
        }
    }
}

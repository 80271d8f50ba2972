package dev.gradwatch.commands.publish;

import dev.gradwatch.commands.options.RegistrationOptions;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.recorded.RecordedRun;
import dev.gradwatch.recorded.RecordedRuns;
import dev.gradwatch.recorded.log.ReadOptions;
import dev.gradwatch.recorded.log.RecordedRunException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;

/**
 * Several recorded runs as a fleet: all begin together and each record comes when it is due, counted from its run's own beginning. Only so
 * many files are open at once; the next one begins when one ends.
 */
final class ReplaySchedule implements AutoCloseable {

    /**
     * A record and when it is due.
     *
     * @param dueMillis recorded time since the replay began
     */
    record Due(RunRecord record, long dueMillis) {}

    private static final class Open {
        private final Path file;
        private final RecordedRun run;
        private final long offset;
        private final int order;
        private RunRecord next;
        private long due;
        private long read;

        Open(Path file, RecordedRun run, RunRecord first, long startsAt, int order) {
            this.file = file;
            this.run = run;
            this.next = first;
            this.offset = startsAt - first.timeMillis();
            this.due = startsAt;
            this.order = order;
        }
    }

    private final Deque<Path> waiting;
    private final RegistrationOptions registration;
    private final int mostOpen;
    private final ReadOptions options;
    private final PriorityQueue<Open> open =
            new PriorityQueue<>(Comparator.<Open>comparingLong(o -> o.due).thenComparingInt(o -> o.order));
    private int opened;
    private long bytesRead;
    private long clock;

    ReplaySchedule(Collection<Path> files, int mostOpen) {
        this(files, new RegistrationOptions(), mostOpen, ReadOptions.DEFAULT);
    }

    /** {@code registration}: what is said of every run beside its file. */
    ReplaySchedule(Collection<Path> files, RegistrationOptions registration, int mostOpen, ReadOptions options) {
        this.registration = registration;
        this.options = options;
        this.waiting = new ArrayDeque<>(files);
        this.mostOpen = mostOpen;
    }

    /** The next record of any run, or {@code null} at the end. */
    Due next() throws IOException, RecordedRunException {
        while (open.size() < mostOpen && !waiting.isEmpty()) {
            Path file = waiting.remove();
            RecordedRun run = RecordedRuns.open(file, options);
            open.add(new Open(file, run, registration.complete(file, run.next()), clock, opened++));
        }
        Open first = open.poll();
        if (first == null) {
            return null;
        }
        Due due = new Due(first.next, first.due);
        clock = Math.max(clock, first.due);
        first.next = registration.complete(first.file, next(first.run));
        bytesRead += first.run.bytesRead() - first.read;
        first.read = first.run.bytesRead();
        if (first.next == null) {
            first.run.close();
        } else {
            first.due = Math.max(first.due, first.next.timeMillis() + first.offset);
            open.add(first);
        }
        return due;
    }

    /** A log that breaks off ends there. */
    private static RunRecord next(RecordedRun run) throws RecordedRunException {
        try {
            return run.next();
        } catch (RecordedRunException e) {
            if (e.isCutOff()) {
                return null;
            }
            throw e;
        }
    }

    long bytesRead() {
        return bytesRead;
    }

    @Override
    public void close() throws IOException {
        for (Open one : open) {
            one.run.close();
        }
    }
}

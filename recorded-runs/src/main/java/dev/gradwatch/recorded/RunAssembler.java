package dev.gradwatch.recorded;

import dev.gradwatch.detection.event.EventSanitizer;
import dev.gradwatch.detection.event.ImpossibleEventException;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.recorded.log.LogEntry;
import dev.gradwatch.recorded.log.MalformedLogException;
import java.util.List;

/**
 * Makes the records of a run from its events: gives each an attempt and a time. A step or epoch that goes back begins the next attempt, with
 * a registration of its own. Not thread-safe.
 */
public final class RunAssembler {

    /** When an event happened. */
    @FunctionalInterface
    public interface Clock {
        /**
         * Milliseconds since 1970.
         *
         * @param stated what the log says, or {@code null}
         * @param previous of the record before
         */
        long millis(Long stated, long previous);
    }

    private final String runId;
    private final Clock clock;
    private final RunStarted registration;
    private final AttemptBounds bounds;
    private int attempt;
    private long time;

    public RunAssembler(
            String runId, RunStarted registration, int attempt, long startMillis, AttemptBounds bounds, Clock clock) {
        this.runId = runId;
        this.registration = named(registration, runId);
        this.attempt = attempt;
        this.time = startMillis;
        this.bounds = bounds;
        this.clock = clock;
    }

    public RunStarted registration() {
        return registration;
    }

    public int attempt() {
        return attempt;
    }

    /** Of the last record. */
    public long timeMillis() {
        return time;
    }

    public AttemptBounds bounds() {
        return bounds;
    }

    /** The record that begins the first attempt. */
    public RunRecord started() {
        return new RunRecord(runId, attempt, time, registration);
    }

    /** The record of an event, after a registration where it begins an attempt. */
    public List<RunRecord> accept(LogEntry entry) throws MalformedLogException {
        int stated = entry.attempt() == null ? attempt : entry.attempt();
        if (stated < attempt) {
            throw new MalformedLogException("the attempt must not fall; it was " + attempt, Integer.toString(stated));
        }
        boolean back = bounds.passes(entry.event(), stated > attempt);
        if (back) {
            attempt = Math.max(stated, attempt + 1);
        }
        time = clock.millis(entry.timeMillis(), time);
        RunRecord record;
        try {
            record = EventSanitizer.sanitize(new RunRecord(runId, attempt, time, entry.event()));
        } catch (ImpossibleEventException e) {
            MalformedLogException told = new MalformedLogException(e.getMessage(), null);
            told.initCause(e);
            throw told;
        }
        return back ? List.of(resumption(bounds.isResumed(entry.event())), record) : List.of(record);
    }

    public RunRecord finished(RunFinished how) {
        time = clock.millis(null, time);
        return new RunRecord(runId, attempt, time, how);
    }

    /** Begins the next attempt whatever comes in it. */
    public RunRecord restart() {
        attempt++;
        bounds.restart();
        time = clock.millis(null, time);
        return resumption(true);
    }

    private RunRecord resumption(boolean fromCheckpoint) {
        RunStarted started = copy(registration, registration.name(), registration.resumed() || fromCheckpoint);
        return new RunRecord(runId, attempt, time, started);
    }

    private static RunStarted named(RunStarted started, String runId) {
        return started.name() == null ? copy(started, runId, started.resumed()) : started;
    }

    private static RunStarted copy(RunStarted of, String name, boolean resumed) {
        return of.toBuilder().name(name).resumed(resumed).build();
    }
}

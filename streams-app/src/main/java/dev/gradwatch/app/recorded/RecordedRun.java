package dev.gradwatch.app.recorded;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;

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
    private final CountingInputStream content;
    private final RecordedEntries entries;
    private final String runId;
    private final RunStarted registration;
    private final RunFinished finished;
    private final AttemptBounds bounds = new AttemptBounds();

    private int attempt;
    private long time;
    private RunRecord ahead;
    private boolean ended;

    RecordedRun(Path file, String fallbackId, CountingInputStream content, RecordedEntries entries) {
        this.file = file;
        this.content = content;
        this.entries = entries;
        RunHeader header = entries.header();
        this.runId = header.runId() == null ? fallbackId : header.runId();
        this.registration = named(header.registration(), runId);
        this.finished = header.finished();
        this.attempt = header.attempt();
        this.time = header.startMillis() == null ? DEFAULT_START : header.startMillis();
        this.ahead = new RunRecord(runId, attempt, time, registration);
    }

    public Path file() {
        return file;
    }

    public String runId() {
        return runId;
    }

    /** What the file says of the run; its name is the run id when the file gives none. */
    public RunStarted registration() {
        return registration;
    }

    /** Bytes of the file read so far, packed ones where it is packed. */
    public long bytesRead() {
        return content.count();
    }

    /**
     * The next record, or {@code null} at the end.
     *
     * @throws RecordedRunException when a line cannot be read; nothing more can be read after it
     */
    public RunRecord next() throws RecordedRunException {
        if (ahead != null) {
            RunRecord record = ahead;
            ahead = null;
            return record;
        }
        RecordedEntry entry = ended ? null : read();
        if (entry == null) {
            return end();
        }
        boolean back = goesBack(entry);
        time = entry.timeMillis() == null ? time + PACE_MILLIS : entry.timeMillis();
        if (entry.event() instanceof RunFinished) {
            ended = true;
        }
        RunRecord record = new RunRecord(runId, attempt, time, entry.event());
        if (!back) {
            return record;
        }
        ahead = record;
        return new RunRecord(runId, attempt, time, resumed(registration, bounds.isResumed(entry.event())));
    }

    @Override
    public void close() throws IOException {
        entries.close();
    }

    private RecordedEntry read() throws RecordedRunException {
        try {
            return entries.next();
        } catch (IOException e) {
            throw RecordedRuns.failed(file, entries.line(), e);
        }
    }

    private boolean goesBack(RecordedEntry entry) throws RecordedRunException {
        int stated = entry.attempt() == null ? attempt : entry.attempt();
        if (stated < attempt) {
            throw new RecordedRunException(
                    file, entries.line(), "the attempt must not fall; it was " + attempt, Integer.toString(stated));
        }
        boolean back = bounds.passes(entry.event(), stated > attempt);
        if (back) {
            attempt = Math.max(stated, attempt + 1);
        }
        return back;
    }

    private RunRecord end() {
        if (ended || finished == null) {
            return null;
        }
        ended = true;
        time += PACE_MILLIS;
        return new RunRecord(runId, attempt, time, finished);
    }

    private static RunStarted named(RunStarted started, String runId) {
        return started.name() == null ? copy(started, runId, started.resumed()) : started;
    }

    private static RunStarted resumed(RunStarted started, boolean fromCheckpoint) {
        return copy(started, started.name(), started.resumed() || fromCheckpoint);
    }

    private static RunStarted copy(RunStarted of, String name, boolean resumed) {
        return new RunStarted(
                name,
                of.project(),
                of.team(),
                of.cluster(),
                of.group(),
                of.profile(),
                of.loss(),
                of.outputActivation(),
                of.outputUnits(),
                of.classes(),
                of.optimizer(),
                of.learningRate(),
                of.warmupSteps(),
                of.clipThreshold(),
                of.batchSize(),
                of.stepsPerEpoch(),
                of.plannedEpochs(),
                of.plannedSteps(),
                of.baselineLoss(),
                resumed,
                of.pretrained(),
                of.layers(),
                of.lowerIsBetter(),
                of.stopOn(),
                of.tags());
    }

    /** Where an attempt began and how far it came, in steps and in epochs. */
    private static final class AttemptBounds {
        private double firstStep = Double.NaN;
        private double firstEpoch = Double.NaN;
        private double lastStep = Double.NaN;
        private double lastEvaluationStep = Double.NaN;
        private double lastEpoch = Double.NaN;

        /** Takes in an event; whether it begins a new attempt. */
        boolean passes(RunEvent event, boolean stated) {
            boolean back = stated;
            if (event instanceof GradientNorms norms) {
                double step = norms.steps().get(0).step();
                back |= step < lastStep;
                restartIf(back);
                firstStep = Double.isNaN(firstStep) ? step : firstStep;
                lastStep = norms.steps().get(norms.steps().size() - 1).step();
            } else if (event instanceof EpochCompleted epoch) {
                double step = epoch.step() == null ? Double.NaN : epoch.step();
                double at = epoch.epoch() == null ? Double.NaN : epoch.epoch();
                back |= Double.isNaN(step) ? at < lastEpoch : step < lastEvaluationStep;
                restartIf(back);
                firstEpoch = Double.isNaN(firstEpoch) ? at : firstEpoch;
                lastEvaluationStep = Double.isNaN(step) ? lastEvaluationStep : step;
                lastEpoch = Double.isNaN(at) ? lastEpoch : at;
            } else {
                restartIf(back);
            }
            return back;
        }

        /** Whether an attempt that begins with this event goes on from a checkpoint, as it begins after the run's own beginning. */
        boolean isResumed(RunEvent event) {
            if (event instanceof GradientNorms norms) {
                return norms.steps().get(0).step() > firstStep;
            }
            return event instanceof EpochCompleted epoch && epoch.epoch() != null && epoch.epoch() > firstEpoch;
        }

        private void restartIf(boolean back) {
            if (back) {
                lastStep = Double.NaN;
                lastEvaluationStep = Double.NaN;
                lastEpoch = Double.NaN;
            }
        }
    }
}

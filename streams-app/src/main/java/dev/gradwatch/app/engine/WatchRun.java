package dev.gradwatch.app.engine;

import dev.gradwatch.app.engine.failure.DeadLetters;
import dev.gradwatch.app.engine.failure.Original;
import dev.gradwatch.app.engine.partitions.BadRecords;
import dev.gradwatch.app.engine.partitions.PartitionProgress;
import dev.gradwatch.app.engine.partitions.PausedPartitions;
import dev.gradwatch.app.engine.state.OverdueStatuses;
import dev.gradwatch.app.engine.state.RunStateStore;
import dev.gradwatch.app.engine.state.SharedBound;
import dev.gradwatch.app.engine.state.SilenceDeadlines;
import dev.gradwatch.app.engine.state.WatchedRun;
import dev.gradwatch.detection.RunSnapshot;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.Heartbeat;
import dev.gradwatch.detection.event.IgnoredField;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.Tick;
import dev.gradwatch.wire.DeadLetterCause;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the runs of one partition: finds the state of a record's run, applies the core, forwards what came of it, keeps the state. Once a
 * second it turns the silence of runs into events, and forgets runs that ended long ago. One for each task, owned by its thread.
 *
 * <p>Silence is measured by Kafka Streams' wall clock from when a record of the run was last processed here, and only while the partition is
 * read up to now.
 */
final class WatchRun implements Processor<String, DecodedRecord, Object, Object> {

    private static final Logger LOG = LoggerFactory.getLogger(WatchRun.class);
    private static final Duration LOOK_FOR_SILENCE = Duration.ofSeconds(1);
    /** A thread that did not come here for so long was kept from reading too. */
    private static final long STALL_MILLIS = Duration.ofSeconds(10).toMillis();
    /** The wall clock is looked at once a second, so a status may be that much later than its interval. */
    private static final Duration STATUS_GRACE = Duration.ofSeconds(2);
    /** When the core has nothing new to say of a silent run, or failed to. */
    private static final long LOOK_AGAIN_MILLIS = Duration.ofMinutes(1).toMillis();

    private final EngineSettings settings;
    private final OutputRecords outputs;
    private final DeadLetters deadLetters;
    private final BadRecords badRecords;
    private final PausedPartitions paused;
    private final PartitionProgress progress;
    private final SharedBound knownRuns;
    private final EngineListener listener;
    private final CatchUp catchUp;
    private final LongSupplier wallClock;
    private final int largestRecordBytes;
    private final SilenceDeadlines deadlines = new SilenceDeadlines();
    private final OverdueStatuses overdue = new OverdueStatuses();

    private ProcessorContext<Object, Object> context;
    private RunStateStore store;
    private RunStep step;
    private PromptCommits commits;
    private int partition;
    private long lookedMillis;
    private long toldRuns;
    private boolean wasPaused;

    /** @param wallClock for latencies; deadlines follow the clock of Kafka Streams */
    WatchRun(
            EngineSettings settings,
            OutputRecords outputs,
            DeadLetters deadLetters,
            BadRecords badRecords,
            PausedPartitions paused,
            PartitionProgress progress,
            SharedBound knownRuns,
            EngineListener listener,
            CatchUp catchUp,
            LongSupplier wallClock) {
        this.settings = settings;
        this.outputs = outputs;
        this.deadLetters = deadLetters;
        this.badRecords = badRecords;
        this.paused = paused;
        this.progress = progress;
        this.knownRuns = knownRuns;
        this.listener = listener;
        this.catchUp = catchUp;
        this.wallClock = wallClock;
        this.largestRecordBytes = EngineProperties.largestRecordBytes(settings);
    }

    @Override
    public void init(ProcessorContext<Object, Object> taskContext) {
        context = taskContext;
        partition = context.taskId().partition();
        store = context.getStateStore(Stores.RUN_STATES);
        RunWatch core = new RunWatch(settings.detectors());
        step = new RunStep(
                core,
                store,
                outputs,
                largestRecordBytes,
                settings.statusInterval().toMillis());
        commits = new PromptCommits(
                context::commit, settings.alertCommitInterval().toMillis());
        lookedMillis = context.currentSystemTimeMs();
        knownRuns.join();
        index(core);
        badRecords.assigned(partition, runId -> deadlines.knows(runId));
        context.schedule(LOOK_FOR_SILENCE, PunctuationType.WALL_CLOCK_TIME, this::lookForSilence);
        context.schedule(settings.alertCommitInterval(), PunctuationType.WALL_CLOCK_TIME, commits::maybeCommit);
    }

    /** Nobody is silent yet: how long the partition was without anyone to read it says nothing of its runs. */
    private void index(RunWatch core) {
        deadlines.clear();
        overdue.clear();
        long now = context.currentSystemTimeMs();
        List<WatchedRun> restored = new ArrayList<>();
        List<WatchedRun> latelyHeard = new ArrayList<>();
        store.forEach(
                run -> {
                    WatchedRun watched = new WatchedRun(run.runId());
                    watched.heard(now, Math.min(now, run.heardMillis()));
                    RunSnapshot snapshot = core.snapshot(run.state());
                    watched.restored(snapshot, now);
                    if (!watched.isFinished()) {
                        latelyHeard.add(watched);
                    }
                    watched.silenceLimit(core.silenceLimitMillis(run.state()));
                    restored.add(watched);
                    listener.runRestored(partition, snapshot);
                },
                (runId, unreadable) -> {
                    LOG.error("Records of this run go to the dead letters: {}", unreadable.getMessage());
                    WatchedRun watched = new WatchedRun(runId);
                    watched.heard(now, now);
                    restored.add(watched);
                });
        // In the order in which they were heard, for the bound on known runs.
        restored.sort(Comparator.comparingLong(WatchedRun::retainedFromMillis));
        for (WatchedRun watched : restored) {
            deadlines.add(watched);
            setDeadline(watched, now);
        }
        knownRuns.changed(restored.size());
        expectStatuses(latelyHeard, now);
        tellRuns();
    }

    /** Whoever had the partition before may have ended before it wrote the last status of the runs that it heard last. */
    private void expectStatuses(List<WatchedRun> runs, long now) {
        long latest =
                runs.stream().mapToLong(WatchedRun::retainedFromMillis).max().orElse(0);
        long window = settings.statusInterval().plus(STATUS_GRACE).toMillis();
        for (WatchedRun watched : runs) {
            if (latest - watched.retainedFromMillis() <= window) {
                overdue.behind(watched, now);
            }
        }
    }

    @Override
    public void process(Record<String, DecodedRecord> in) {
        RunRecord record = in.value().record();
        Original original = in.value().original();
        long now = context.currentSystemTimeMs();
        WatchedRun known = deadlines.find(record.runId());
        WatchedRun watched = known == null ? new WatchedRun(record.runId()) : known;
        RunStep.Result result;
        try {
            result = step.apply(record, original.valueBytes(), watched, now);
        } catch (StepFailedException e) {
            LOG.debug("{} could not be applied", original.place(), e);
            deadLetters.send(context, original, e.deadLetterCause(), e.getMessage());
            return;
        }
        badRecords.good(partition);
        if (known == null) {
            deadlines.add(watched);
            knownRuns.changed(1);
        }
        watched.heard(now, now);
        publish(watched, record, result, in.timestamp(), now);
        forgetLeastRecent(now);
    }

    private void publish(WatchedRun watched, RunRecord record, RunStep.Result result, long timestamp, long now) {
        listener.recordApplied(
                kind(record.event()),
                result.applied().applied(),
                result.applied().duplicates(),
                result.applied().stale(),
                result.coreNanos());
        for (IgnoredField ignored : record.ignored()) {
            listener.fieldIgnored(ignored.field().label(), ignored.times());
        }
        for (RunStep.Change change : result.changes()) {
            Alert alert = change.alert();
            context.forward(new Record<>(watched.runId(), change.bytes(), timestamp), Nodes.WRITE_ALERTS);
            listener.alertChanged(
                    partition, alert, result.snapshot().registration(), wallClock.getAsLong() - record.timeMillis());
        }
        if (result.heldBack() > 0) {
            listener.alertsHeldBack(result.heldBack());
        }
        if (result.status() != null) {
            context.forward(new Record<>(watched.runId(), result.status(), timestamp), Nodes.WRITE_RUN_STATUS);
            watched.statusWritten(result.snapshot(), record.timeMillis(), now);
        } else if (!(record.event() instanceof Tick)) {
            overdue.behind(watched, now);
        }
        if (!result.changes().isEmpty()) {
            commits.want(now);
        }
        // Last, because how long a run is kept depends on what its status became.
        watched.silenceLimit(result.silenceLimitMillis());
        setDeadline(watched, now);
    }

    /** Memory is bounded whatever ids are published: the run that was heard least recently makes room. */
    private void forgetLeastRecent(long now) {
        while (knownRuns.isExceeded(deadlines.size())) {
            WatchedRun leastRecent = deadlines.leastRecent();
            listener.runEvicted(partition);
            forget(leastRecent, now);
        }
    }

    private void lookForSilence(long now) {
        forgetLeastRecent(now);
        boolean stalled = now - lookedMillis > STALL_MILLIS;
        lookedMillis = now;
        tellRuns();
        // After a stall the records that would contradict the silence are still on their way; look next time.
        if (isOrWasPaused(now) || stalled || !catchUp.caughtUp(partition)) {
            return;
        }
        progress.begin(partition, -1);
        try {
            writeOverdueStatuses(now);
            judgeSilence(now);
        } finally {
            progress.end(partition);
        }
    }

    /** What a run said during a pause waits in the topic, so its silence counts from the end of the pause. */
    private boolean isOrWasPaused(long now) {
        if (paused.isPaused(partition)) {
            wasPaused = true;
            return true;
        }
        if (wasPaused) {
            wasPaused = false;
            for (WatchedRun watched : deadlines.all()) {
                watched.heard(now, watched.retainedFromMillis());
                setDeadline(watched, now);
            }
        }
        return false;
    }

    private void judgeSilence(long now) {
        for (WatchedRun watched : deadlines.takeDue(now)) {
            if (now - watched.retainedFromMillis() >= retentionMillis(watched)) {
                forget(watched, now);
            } else if (now - watched.heardMillis() >= watched.silenceLimitMillis()) {
                tick(watched, now);
            } else {
                setDeadline(watched, now);
            }
        }
    }

    private void writeOverdueStatuses(long now) {
        for (WatchedRun watched : overdue.takeDue(now, settings.statusInterval().toMillis())) {
            if (!deadlines.knows(watched.runId())) {
                continue;
            }
            try {
                RunSnapshot snapshot = step.snapshot(watched.runId());
                byte[] status = outputs.status(snapshot);
                context.forward(new Record<>(watched.runId(), status, now), Nodes.WRITE_RUN_STATUS);
                watched.statusWritten(snapshot, snapshot.at().timeMillis(), now);
            } catch (StepFailedException | OutputTooLargeException e) {
                LOG.warn("The status of run {} cannot be written: {}", watched.runId(), e.getMessage());
            }
        }
    }

    private void tick(WatchedRun watched, long now) {
        long silentMillis = now - watched.heardMillis();
        try {
            RunSnapshot before = step.snapshot(watched.runId());
            RunRecord tick = new RunRecord(
                    watched.runId(), before.attempt(), before.at().timeMillis() + silentMillis, new Tick(silentMillis));
            RunStep.Result result = step.apply(tick, 0, watched, now);
            publish(watched, tick, result, now, now);
        } catch (StepFailedException e) {
            LOG.error("The silence of run {} could not be judged: {}", watched.runId(), e.getMessage(), e);
            byte[] key = watched.runId().getBytes(StandardCharsets.UTF_8);
            String topic = settings.topics().trainingEvents();
            Original nothing = new Original(key, null, new RecordHeaders(), topic, partition, -1, now);
            watched.silenceLimit(Long.MAX_VALUE);
            setDeadline(watched, now);
            deadLetters.send(context, nothing, DeadLetterCause.PROCESSING_FAILED, "a silent run: " + e.getMessage());
        }
    }

    private void forget(WatchedRun watched, long now) {
        closeAlerts(watched, now);
        store.forget(watched.runId());
        deadlines.remove(watched);
        knownRuns.changed(-1);
        context.forward(new Record<>(watched.runId(), (byte[]) null, now), Nodes.WRITE_RUN_STATUS);
        listener.runForgotten(partition, watched.runId());
    }

    /** Nobody else would ever end what is open of a run that is forgotten. */
    private void closeAlerts(WatchedRun watched, long now) {
        try {
            RunStep.Closed closed = step.close(watched.runId(), now);
            for (RunStep.Change change : closed.changes()) {
                context.forward(new Record<>(watched.runId(), change.bytes(), now), Nodes.WRITE_ALERTS);
                listener.alertChanged(
                        partition, change.alert(), closed.snapshot().registration(), 0);
            }
        } catch (StepFailedException e) {
            LOG.warn("The open alerts of forgotten run {} could not be closed: {}", watched.runId(), e.getMessage());
        }
    }

    private void setDeadline(WatchedRun watched, long now) {
        long silence = plus(watched.heardMillis(), watched.silenceLimitMillis());
        if (silence <= now) {
            silence = now + LOOK_AGAIN_MILLIS;
        }
        deadlines.set(watched, Math.min(silence, plus(watched.retainedFromMillis(), retentionMillis(watched))));
    }

    private long retentionMillis(WatchedRun watched) {
        Duration retention = watched.isFinished() ? settings.retainFinished() : settings.retainSilent();
        return retention.toMillis();
    }

    private static long plus(long millis, long more) {
        long sum = millis + more;
        return sum < millis ? Long.MAX_VALUE : sum;
    }

    private void tellRuns() {
        if (deadlines.active() != toldRuns) {
            toldRuns = deadlines.active();
            listener.activeRuns(partition, toldRuns);
        }
    }

    private static String kind(RunEvent event) {
        if (event instanceof GradientNorms) {
            return "gradient-norms";
        }
        if (event instanceof EpochCompleted) {
            return "epoch-completed";
        }
        if (event instanceof Heartbeat) {
            return "heartbeat";
        }
        if (event instanceof RunStarted) {
            return "run-started";
        }
        if (event instanceof RunFinished) {
            return "run-finished";
        }
        return "tick";
    }

    /** The store lives on: Kafka Streams may close processors before it flushes the store for the last commit. */
    @Override
    public void close() {
        knownRuns.leave(deadlines.size());
        deadlines.clear();
        overdue.clear();
        tellRuns();
        listener.partitionReleased(partition);
    }
}

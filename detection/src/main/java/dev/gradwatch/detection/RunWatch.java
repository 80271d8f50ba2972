package dev.gradwatch.detection;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.catalogue.Catalogue;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.Detector;
import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.Heartbeat;
import dev.gradwatch.detection.event.Profile;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.detection.event.Tick;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunProgress;
import dev.gradwatch.detection.state.RunProgress.Freshness;
import dev.gradwatch.detection.state.RunState;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The core: (state, record) in, (state, alerts) out. It has no clock, no randomness, no logging and no input or output; for one sequence
 * of records it always says the same. Not thread-safe; one instance may watch any number of runs from one thread.
 */
public final class RunWatch {

    /** An open diagnosis is looked at anew at every epoch, and after so many records. */
    private static final int REVIEW_RECORDS = 64;

    private final List<Detector> detectors;
    private final AlertLifecycle lifecycle;

    /** Which detectors say nothing, by profile. */
    private final Map<Profile, boolean[]> muted = new EnumMap<>(Profile.class);

    /** Watches with the standard catalogue and the given parameters. */
    public RunWatch(DetectionSettings settings) {
        detectors = Catalogue.detectors(settings.detectors());
        List<CatalogueEntry> entries = Catalogue.entries();
        lifecycle = new AlertLifecycle(entries, settings.diagnosis());
        for (Profile profile : Profile.values()) {
            boolean[] silent = new boolean[detectors.size()];
            for (int i = 0; i < silent.length; i++) {
                silent[i] = entries.get(i).mutedIn().contains(profile);
            }
            muted.put(profile, silent);
        }
    }

    /** Starts the state of a run that was never heard of. */
    public RunState newRun(String runId) {
        return new RunState(runId);
    }

    /**
     * Why the record may not change its run, or {@code null}. Whoever can keep the record aside asks before {@link #apply}, which takes a
     * refused one for stale.
     */
    public Refusal refusal(RunState run, RunRecord record) {
        return Refusal.of(run, record);
    }

    /**
     * Applies one record to its run and hands every change of an alert to {@code alerts}, in order.
     *
     * @return what became of the record
     */
    public ApplyResult apply(RunState run, RunRecord record, Consumer<Alert> alerts) {
        lifecycle.begin(run, record.timeMillis(), alerts);
        RunProgress progress = run.progress();
        if (record.event() instanceof Tick) {
            examine(run, run.observe(record.event()));
            return ApplyResult.ONE;
        }
        run.noteIgnored(record.ignored());
        if (record.attempt() < progress.attempt() || refusal(run, record) != null) {
            progress.countIgnored(Freshness.STALE);
            return ApplyResult.STALE;
        }
        if (record.attempt() > progress.attempt()) {
            lifecycle.closeAll();
            run.startAttempt(record.attempt());
        }
        if (record.event() instanceof GradientNorms norms) {
            return applySteps(run, record.timeMillis(), norms.steps());
        }
        return applyOther(run, record.timeMillis(), record.event());
    }

    private ApplyResult applySteps(RunState run, long timeMillis, List<StepNorms> steps) {
        RunProgress progress = run.progress();
        int applied = 0;
        int duplicates = 0;
        int stale = 0;
        for (int i = 0; i < steps.size(); i++) {
            StepNorms step = steps.get(i);
            Freshness freshness = progress.freshnessOfStep(step.step());
            if (freshness != Freshness.NEW) {
                progress.countIgnored(freshness);
                duplicates += freshness == Freshness.DUPLICATE ? 1 : 0;
                stale += freshness == Freshness.STALE ? 1 : 0;
                continue;
            }
            applied++;
            long stepMillis = step.timeMillis() == null ? timeMillis : step.timeMillis();
            progress.received(stepMillis);
            lifecycle.at(stepMillis);
            examine(run, run.observe(step));
        }
        if (applied > 0) {
            run.received(timeMillis);
        }
        return applied == 1 && duplicates + stale == 0 ? ApplyResult.ONE : new ApplyResult(applied, duplicates, stale);
    }

    private ApplyResult applyOther(RunState run, long timeMillis, RunEvent event) {
        RunProgress progress = run.progress();
        Freshness freshness = freshness(run, event);
        if (freshness != Freshness.NEW) {
            progress.countIgnored(freshness);
            return freshness == Freshness.DUPLICATE ? ApplyResult.DUPLICATE : ApplyResult.STALE;
        }
        progress.received(timeMillis);
        run.received(timeMillis);
        if (event instanceof EpochCompleted epoch) {
            examine(run, run.observe(epoch));
            return ApplyResult.ONE;
        }
        if (event instanceof RunStarted started) {
            run.register(started);
        }
        examine(run, run.observe(event));
        if (event instanceof RunFinished) {
            progress.finish();
            lifecycle.closeAll();
        }
        return ApplyResult.ONE;
    }

    private static Freshness freshness(RunState run, RunEvent event) {
        if (event instanceof EpochCompleted epoch) {
            return run.progress().freshnessOf(epoch);
        }
        if (event instanceof RunStarted started) {
            return run.isRegisteredAs(started) ? Freshness.DUPLICATE : Freshness.NEW;
        }
        if (event instanceof RunFinished && run.progress().isFinished()) {
            return Freshness.DUPLICATE;
        }
        if (event instanceof Heartbeat && run.progress().isFinished()) {
            return Freshness.STALE;
        }
        return Freshness.NEW;
    }

    private void examine(RunState run, Observation now) {
        boolean[] mutedNow = muted.get(run.profile());
        for (int i = 0; i < detectors.size(); i++) {
            if (mutedNow[i]) {
                continue;
            }
            Detector detector = detectors.get(i);
            lifecycle.examining(detector.id());
            detector.examine(run, now, run.memory().of(i, detector.id(), detector.memorySlots()), lifecycle);
        }
        if (now.isTraining()) {
            if (!lifecycle.isLearningFaulty()) {
                run.progress().markHealthy();
            }
            if (!run.alerts().isEmpty()
                    && (now.epoch() != null || run.progress().records() % REVIEW_RECORDS == 0)) {
                lifecycle.review();
            }
        }
    }

    /** Ends what is open of a run that is not watched any longer, and hands it to {@code alerts}. */
    public void close(RunState run, long timeMillis, Consumer<Alert> alerts) {
        lifecycle.begin(run, timeMillis, alerts);
        lifecycle.closeAll();
    }

    /** Milliseconds of silence after which a {@link Tick} has something new to say; {@link Long#MAX_VALUE}: never. */
    public long silenceLimitMillis(RunState run) {
        long next = Long.MAX_VALUE;
        for (Detector detector : detectors) {
            next = Math.min(next, detector.silenceLimitMillis(run));
        }
        return next;
    }

    /** What is known of the run now. */
    public RunSnapshot snapshot(RunState run) {
        return SnapshotBuilder.of(run);
    }
}

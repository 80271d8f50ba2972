package dev.gradwatch.sandbox.fleet;

import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunFinished.Outcome;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.sandbox.fleet.PlannedRun.Attempt;
import dev.gradwatch.sandbox.training.Training;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A planned run in progress: really trains, one step a call, and says what a well-behaved publisher would say, one record a step. Owned by
 * one thread.
 */
public final class RunPlay {

    private final PlannedRun run;
    private int attempt;
    private Training training;
    private boolean ended;

    public RunPlay(PlannedRun run) {
        this.run = run;
    }

    public PlannedRun run() {
        return run;
    }

    /** Whether the run has said its last word. A run that fell silent has not. */
    public boolean ended() {
        return ended;
    }

    /** Whether the run hangs: it will never say anything again. */
    public boolean silent() {
        return training != null && training.step() >= run.quietFrom();
    }

    /** Registers, or does one step and whatever follows from it. Does nothing once the run has ended or hangs. */
    public void advance(long nowMillis, Consumer<RunRecord> records) {
        if (ended || silent()) {
            return;
        }
        if (training == null) {
            begin(nowMillis, records);
            return;
        }
        StepNorms step = training.next(nowMillis);
        say(nowMillis, new GradientNorms(List.of(step)), records);
        training.completedEpoch().ifPresent(epoch -> {
            say(nowMillis, epoch, records);
            Attempt current = run.attempts().get(attempt - 1);
            if (epoch.epoch() + 1 >= current.epochs()) {
                say(nowMillis, new RunFinished(current.outcome(), current.reason()), records);
                if (attempt == run.attempts().size()) {
                    ended = true;
                } else {
                    begin(nowMillis, records);
                }
            }
        });
    }

    /** Ends the run from outside. */
    public void cancel(long nowMillis, String reason, Consumer<RunRecord> records) {
        if (training != null && !ended) {
            say(nowMillis, new RunFinished(Outcome.CANCELLED, reason), records);
        }
        ended = true;
    }

    private void begin(long nowMillis, Consumer<RunRecord> records) {
        Attempt next = run.attempts().get(attempt);
        boolean resumed = training != null;
        if (resumed) {
            training = training.resumed(next.recipe());
        } else if (run.pretraining() != null) {
            training = pretrained(next);
        } else {
            training = new Training(next.recipe());
        }
        attempt++;
        RunStarted registration = training.registration()
                .name(run.name())
                .project(run.project())
                .team(run.team())
                .cluster(run.cluster())
                .resumed(resumed)
                .pretrained(run.pretraining() != null)
                .tags(Map.of("node", run.node(), "data_version", run.project() + "-2026-11"))
                .build();
        say(nowMillis, registration, records);
    }

    private Training pretrained(Attempt next) {
        Training earlier = new Training(run.pretraining());
        while (!earlier.finished()) {
            earlier.next(0);
            earlier.completedEpoch();
        }
        return earlier.tuned(next.recipe());
    }

    private void say(long nowMillis, RunEvent event, Consumer<RunRecord> records) {
        records.accept(new RunRecord(run.runId(), attempt, nowMillis, event));
    }
}

package dev.gradwatch.wire;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.Heartbeat;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RankNorms;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import java.util.ArrayList;
import java.util.List;

/** Turns the union of {@code TrainingEvent} into the core's events as they came; {@code EventSanitizer} judges their values. */
final class EventReader {

    private EventReader() {}

    static RunEvent read(Object event) throws UndecodableRecordException {
        // By how often each comes.
        if (event instanceof dev.gradwatch.schemas.GradientNorms norms) {
            return gradientNorms(norms);
        }
        if (event instanceof dev.gradwatch.schemas.EpochCompleted epoch) {
            return epochCompleted(epoch);
        }
        if (event instanceof dev.gradwatch.schemas.Heartbeat heartbeat) {
            return new Heartbeat(heartbeat.getStep(), heartbeat.getStatus());
        }
        if (event instanceof dev.gradwatch.schemas.RunStarted started) {
            return runStarted(started);
        }
        if (event instanceof dev.gradwatch.schemas.RunFinished finished) {
            return new RunFinished(outcome(finished.getOutcome()), finished.getReason());
        }
        throw new UndecodableRecordException(
                DeadLetterCause.IMPOSSIBLE_VALUE,
                "event is " + (event == null ? "absent" : event.getClass().getSimpleName())
                        + "; it must be one of the schema's event types");
    }

    private static GradientNorms gradientNorms(dev.gradwatch.schemas.GradientNorms norms) {
        List<StepNorms> steps = new ArrayList<>(norms.getSteps().size());
        for (dev.gradwatch.schemas.StepNorms step : norms.getSteps()) {
            steps.add(stepNorms(step));
        }
        return new GradientNorms(steps);
    }

    private static StepNorms stepNorms(dev.gradwatch.schemas.StepNorms step) {
        List<LayerNorms> layers = new ArrayList<>(step.getLayers().size());
        for (dev.gradwatch.schemas.LayerNorms layer : step.getLayers()) {
            layers.add(new LayerNorms(
                    layer.getName(),
                    layer.getGradientNorm(),
                    layer.getZeroFraction(),
                    layer.getWeightNorm(),
                    layer.getUpdateNorm()));
        }
        return new StepNorms(
                step.getStep(),
                step.getEpoch(),
                step.getEventTime() == null ? null : step.getEventTime().toEpochMilli(),
                step.getLoss(),
                step.getGradientNorm(),
                step.getLearningRate(),
                layers,
                step.getMetrics(),
                rankNorms(step.getRankNorms()));
    }

    private static RankNorms rankNorms(dev.gradwatch.schemas.RankNorms ranks) {
        return ranks == null ? null : new RankNorms(ranks.getMin(), ranks.getMax(), ranks.getRank());
    }

    private static EpochCompleted epochCompleted(dev.gradwatch.schemas.EpochCompleted epoch) {
        return new EpochCompleted(
                epoch.getEpoch(),
                epoch.getStep(),
                epoch.getTrainLoss(),
                epoch.getValidationLoss(),
                epoch.getTrainAccuracy(),
                epoch.getValidationAccuracy(),
                epoch.getLearningRate(),
                epoch.getGradientNorm(),
                epoch.getMetrics());
    }

    private static RunStarted runStarted(dev.gradwatch.schemas.RunStarted started) {
        return RunStarted.builder()
                .name(started.getName())
                .project(started.getProject())
                .team(started.getTeam())
                .cluster(started.getCluster())
                .group(started.getGroup())
                .profile(started.getProfile())
                .loss(started.getLoss())
                .outputActivation(started.getOutputActivation())
                .outputUnits(started.getOutputUnits())
                .classes(started.getClasses())
                .optimizer(started.getOptimizer())
                .learningRate(started.getLearningRate())
                .warmupSteps(started.getWarmupSteps())
                .clipThreshold(started.getClipThreshold())
                .batchSize(started.getBatchSize())
                .stepsPerEpoch(started.getStepsPerEpoch())
                .plannedEpochs(started.getPlannedEpochs())
                .plannedSteps(started.getPlannedSteps())
                .baselineLoss(started.getBaselineLoss())
                .resumed(started.getResumed())
                .pretrained(started.getPretrained())
                .layers(layers(started.getLayers()))
                .lowerIsBetter(started.getLowerIsBetter())
                .stopOn(started.getStopOn())
                .tags(started.getTags())
                .findings(started.getFindings())
                .epochNumbering(started.getEpochNumbering())
                .build();
    }

    private static List<RunStarted.LayerDescription> layers(List<dev.gradwatch.schemas.LayerDescription> described) {
        List<RunStarted.LayerDescription> layers = new ArrayList<>(described.size());
        for (dev.gradwatch.schemas.LayerDescription layer : described) {
            layers.add(new RunStarted.LayerDescription(layer.getName(), layer.getParameters(), layer.getFrozen()));
        }
        return layers;
    }

    private static RunFinished.Outcome outcome(dev.gradwatch.schemas.Outcome outcome) {
        return switch (outcome) {
            case UNKNOWN -> RunFinished.Outcome.UNKNOWN;
            case COMPLETED -> RunFinished.Outcome.COMPLETED;
            case FAILED -> RunFinished.Outcome.FAILED;
            case CANCELLED -> RunFinished.Outcome.CANCELLED;
            case STOPPED -> RunFinished.Outcome.STOPPED;
        };
    }
}

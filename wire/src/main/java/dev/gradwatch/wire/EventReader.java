package dev.gradwatch.wire;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.Heartbeat;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Checks the union of {@code TrainingEvent} and turns it into the core's events. */
final class EventReader {

    /** In percent, with room for what single precision makes of 100. */
    private static final double HIGHEST_ACCURACY = 100.1;

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
            Check.atLeast("heartbeat.step", heartbeat.getStep(), 0);
            return new Heartbeat(heartbeat.getStep(), cut(heartbeat.getStatus()));
        }
        if (event instanceof dev.gradwatch.schemas.RunStarted started) {
            return runStarted(started);
        }
        if (event instanceof dev.gradwatch.schemas.RunFinished finished) {
            return new RunFinished(outcome(finished.getOutcome()), cut(finished.getReason()));
        }
        throw Check.impossible(
                "event",
                event == null ? "absent" : event.getClass().getSimpleName(),
                "one of the schema's event types");
    }

    static long millis(String field, Instant time) throws UndecodableRecordException {
        long millis = time.toEpochMilli();
        if (millis <= 0) {
            throw Check.impossible(field, millis + " ms", "after 1970-01-01 UTC");
        }
        return millis;
    }

    private static GradientNorms gradientNorms(dev.gradwatch.schemas.GradientNorms norms)
            throws UndecodableRecordException {
        Check.length("steps", norms.getSteps(), DeadLetterCause.TOO_MANY_STEPS);
        if (norms.getSteps().isEmpty()) {
            throw Check.impossible("steps", "empty", "1 to " + Check.LONGEST_LIST + " steps");
        }
        List<StepNorms> steps = new ArrayList<>(norms.getSteps().size());
        long previous = -1;
        for (dev.gradwatch.schemas.StepNorms step : norms.getSteps()) {
            Check.atLeast("steps.step", step.getStep(), 0);
            if (step.getStep() <= previous) {
                throw Check.impossible("steps.step", step.getStep() + " after " + previous, "rising");
            }
            previous = step.getStep();
            steps.add(stepNorms(step));
        }
        return new GradientNorms(steps);
    }

    private static StepNorms stepNorms(dev.gradwatch.schemas.StepNorms step) throws UndecodableRecordException {
        Check.position("steps.epoch", step.getEpoch());
        Check.notNegative("steps.gradient_norm", step.getGradientNorm());
        Check.notNegative("steps.learning_rate", step.getLearningRate());
        Check.length("steps.layers", step.getLayers(), DeadLetterCause.TOO_MANY_LAYERS);
        List<LayerNorms> layers = new ArrayList<>(step.getLayers().size());
        for (dev.gradwatch.schemas.LayerNorms layer : step.getLayers()) {
            layers.add(layerNorms(layer));
        }
        return new StepNorms(
                step.getStep(),
                step.getEpoch(),
                step.getEventTime() == null ? null : millis("steps.event_time", step.getEventTime()),
                step.getLoss(),
                step.getGradientNorm(),
                step.getLearningRate(),
                layers);
    }

    private static LayerNorms layerNorms(dev.gradwatch.schemas.LayerNorms layer) throws UndecodableRecordException {
        Check.name("steps.layers.name", layer.getName());
        Check.notNegative("steps.layers.gradient_norm", layer.getGradientNorm());
        Check.share("steps.layers.zero_fraction", layer.getZeroFraction(), 1);
        Check.notNegative("steps.layers.weight_norm", layer.getWeightNorm());
        Check.notNegative("steps.layers.update_norm", layer.getUpdateNorm());
        return new LayerNorms(
                layer.getName(),
                layer.getGradientNorm(),
                layer.getZeroFraction(),
                layer.getWeightNorm(),
                layer.getUpdateNorm());
    }

    private static EpochCompleted epochCompleted(dev.gradwatch.schemas.EpochCompleted epoch)
            throws UndecodableRecordException {
        if (epoch.getEpoch() == null && epoch.getStep() == null) {
            throw Check.impossible("epoch", "absent, and so is step", "there, or step must be");
        }
        Check.position("epoch", epoch.getEpoch());
        Check.atLeast("step", epoch.getStep(), 0);
        Check.share("train_accuracy", epoch.getTrainAccuracy(), HIGHEST_ACCURACY);
        Check.share("validation_accuracy", epoch.getValidationAccuracy(), HIGHEST_ACCURACY);
        Check.notNegative("learning_rate", epoch.getLearningRate());
        Check.notNegative("gradient_norm", epoch.getGradientNorm());
        Check.entries("metrics", epoch.getMetrics());
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

    private static RunStarted runStarted(dev.gradwatch.schemas.RunStarted started) throws UndecodableRecordException {
        Check.atLeast("output_units", started.getOutputUnits(), 1);
        Check.atLeast("classes", started.getClasses(), 2);
        Check.positive("learning_rate", started.getLearningRate());
        Check.atLeast("warmup_steps", started.getWarmupSteps(), 0);
        Check.positive("clip_threshold", started.getClipThreshold());
        Check.atLeast("batch_size", started.getBatchSize(), 1);
        Check.atLeast("steps_per_epoch", started.getStepsPerEpoch(), 1);
        Check.atLeast("planned_epochs", started.getPlannedEpochs(), 1);
        Check.atLeast("planned_steps", started.getPlannedSteps(), 1);
        Check.names("lower_is_better", started.getLowerIsBetter());
        Check.names("stop_on", started.getStopOn());
        Check.entries("tags", started.getTags());
        return RunStarted.builder()
                .name(cut(started.getName()))
                .project(cut(started.getProject()))
                .team(cut(started.getTeam()))
                .cluster(cut(started.getCluster()))
                .group(cut(started.getGroup()))
                .profile(cut(started.getProfile()))
                .loss(cut(started.getLoss()))
                .outputActivation(cut(started.getOutputActivation()))
                .outputUnits(started.getOutputUnits())
                .classes(started.getClasses())
                .optimizer(cut(started.getOptimizer()))
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
                .tags(tags(started.getTags()))
                .build();
    }

    private static List<RunStarted.LayerDescription> layers(List<dev.gradwatch.schemas.LayerDescription> described)
            throws UndecodableRecordException {
        Check.length("layers", described, DeadLetterCause.TOO_MANY_LAYERS);
        List<RunStarted.LayerDescription> layers = new ArrayList<>(described.size());
        for (dev.gradwatch.schemas.LayerDescription layer : described) {
            Check.name("layers.name", layer.getName());
            Check.atLeast("layers.parameters", layer.getParameters(), 0);
            layers.add(new RunStarted.LayerDescription(layer.getName(), layer.getParameters(), layer.getFrozen()));
        }
        return layers;
    }

    private static Map<String, String> tags(Map<String, String> given) {
        Map<String, String> tags = new HashMap<>();
        given.forEach((name, value) -> tags.put(name, cut(value)));
        return tags;
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

    private static String cut(String text) {
        if (text == null || text.length() <= Check.LONGEST_NAME) {
            return text;
        }
        boolean splitsPair = Character.isHighSurrogate(text.charAt(Check.LONGEST_NAME - 1));
        return text.substring(0, splitsPair ? Check.LONGEST_NAME - 1 : Check.LONGEST_NAME);
    }
}

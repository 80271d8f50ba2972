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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/** Turns the core's events into the union of {@code TrainingEvent}. */
final class EventWriter {

    private EventWriter() {}

    static SpecificRecord write(RunEvent event) {
        if (event instanceof GradientNorms norms) {
            return new dev.gradwatch.schemas.GradientNorms(
                    norms.steps().stream().map(EventWriter::stepNorms).toList());
        }
        if (event instanceof EpochCompleted epoch) {
            return epochCompleted(epoch);
        }
        if (event instanceof Heartbeat heartbeat) {
            return new dev.gradwatch.schemas.Heartbeat(heartbeat.step(), heartbeat.status());
        }
        if (event instanceof RunStarted started) {
            return runStarted(started);
        }
        if (event instanceof RunFinished finished) {
            return new dev.gradwatch.schemas.RunFinished(outcome(finished.outcome()), finished.reason());
        }
        throw new IllegalArgumentException(event + " is made here and never published");
    }

    private static dev.gradwatch.schemas.StepNorms stepNorms(StepNorms step) {
        dev.gradwatch.schemas.StepNorms avro = new dev.gradwatch.schemas.StepNorms();
        avro.setStep(step.step());
        avro.setEpoch(step.epoch());
        avro.setEventTime(step.timeMillis() == null ? null : Instant.ofEpochMilli(step.timeMillis()));
        avro.setLoss(step.loss());
        avro.setGradientNorm(step.gradientNorm());
        avro.setLearningRate(step.learningRate());
        avro.setLayers(step.layers().stream().map(EventWriter::layerNorms).toList());
        avro.setMetrics(step.metrics());
        avro.setRankNorms(rankNorms(step.rankNorms()));
        return avro;
    }

    private static dev.gradwatch.schemas.RankNorms rankNorms(RankNorms ranks) {
        return ranks == null ? null : new dev.gradwatch.schemas.RankNorms(ranks.min(), ranks.max(), ranks.rank());
    }

    private static dev.gradwatch.schemas.LayerNorms layerNorms(LayerNorms layer) {
        dev.gradwatch.schemas.LayerNorms avro = new dev.gradwatch.schemas.LayerNorms();
        avro.setName(layer.name());
        avro.setGradientNorm(layer.gradientNorm());
        avro.setZeroFraction(layer.zeroFraction());
        avro.setWeightNorm(layer.weightNorm());
        avro.setUpdateNorm(layer.updateNorm());
        return avro;
    }

    private static dev.gradwatch.schemas.EpochCompleted epochCompleted(EpochCompleted epoch) {
        dev.gradwatch.schemas.EpochCompleted avro = new dev.gradwatch.schemas.EpochCompleted();
        avro.setEpoch(epoch.epoch());
        avro.setStep(epoch.step());
        avro.setTrainLoss(epoch.trainLoss());
        avro.setValidationLoss(epoch.validationLoss());
        avro.setTrainAccuracy(epoch.trainAccuracy());
        avro.setValidationAccuracy(epoch.validationAccuracy());
        avro.setLearningRate(epoch.learningRate());
        avro.setGradientNorm(epoch.gradientNorm());
        avro.setMetrics(epoch.metrics());
        return avro;
    }

    private static dev.gradwatch.schemas.RunStarted runStarted(RunStarted started) {
        dev.gradwatch.schemas.RunStarted avro = new dev.gradwatch.schemas.RunStarted();
        avro.setName(started.name());
        avro.setProject(started.project());
        avro.setTeam(started.team());
        avro.setCluster(started.cluster());
        avro.setGroup(started.group());
        avro.setProfile(started.profile());
        avro.setLoss(started.loss());
        avro.setOutputActivation(started.outputActivation());
        avro.setOutputUnits(started.outputUnits());
        avro.setClasses(started.classes());
        avro.setOptimizer(started.optimizer());
        avro.setLearningRate(started.learningRate());
        avro.setWarmupSteps(started.warmupSteps());
        avro.setClipThreshold(started.clipThreshold());
        avro.setBatchSize(started.batchSize());
        avro.setStepsPerEpoch(started.stepsPerEpoch());
        avro.setPlannedEpochs(started.plannedEpochs());
        avro.setPlannedSteps(started.plannedSteps());
        avro.setBaselineLoss(started.baselineLoss());
        avro.setResumed(started.resumed());
        avro.setPretrained(started.pretrained());
        avro.setLayers(layers(started.layers()));
        avro.setLowerIsBetter(started.lowerIsBetter());
        avro.setStopOn(started.stopOn());
        avro.setTags(started.tags());
        avro.setFindings(started.findings());
        avro.setEpochNumbering(started.epochNumbering());
        return avro;
    }

    private static List<dev.gradwatch.schemas.LayerDescription> layers(List<RunStarted.LayerDescription> described) {
        List<dev.gradwatch.schemas.LayerDescription> layers = new ArrayList<>(described.size());
        for (RunStarted.LayerDescription layer : described) {
            layers.add(new dev.gradwatch.schemas.LayerDescription(layer.name(), layer.parameters(), layer.frozen()));
        }
        return layers;
    }

    private static dev.gradwatch.schemas.Outcome outcome(RunFinished.Outcome outcome) {
        return switch (outcome) {
            case UNKNOWN -> dev.gradwatch.schemas.Outcome.UNKNOWN;
            case COMPLETED -> dev.gradwatch.schemas.Outcome.COMPLETED;
            case FAILED -> dev.gradwatch.schemas.Outcome.FAILED;
            case CANCELLED -> dev.gradwatch.schemas.Outcome.CANCELLED;
            case STOPPED -> dev.gradwatch.schemas.Outcome.STOPPED;
        };
    }
}

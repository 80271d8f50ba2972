package dev.gradwatch.sandbox;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Writes what one attempt of a run said as JSON Lines: a header with the registration, then a line for every step and epoch. Numbers keep
 * six significant digits; those that JSON does not know are the strings NaN, Infinity and -Infinity. Stateless.
 */
final class RecordedRunWriter {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final MathContext DIGITS = new MathContext(6);

    private RecordedRunWriter() {}

    /**
     * @param trace what the recording is called
     * @param said begins with the registration
     */
    static String write(String trace, String task, List<RunRecord> said) {
        RunStarted registration = (RunStarted) said.get(0).event();
        List<ObjectNode> lines =
                said.stream().skip(1).flatMap(RecordedRunWriter::lines).toList();
        ObjectNode header = JSON.createObjectNode()
                .put("trace", trace)
                .put("framework", "gradwatch-sandbox")
                .put("task", task)
                .put("position", "step");
        header.set("run", run(registration));
        header.put("finished", outcome(said));
        header.put("records", lines.size());
        StringBuilder text = new StringBuilder();
        Stream.concat(Stream.of(header), lines.stream())
                .forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    /** A recording that was cut ends too: otherwise its replay would look like a run that hangs. */
    private static String outcome(List<RunRecord> said) {
        return said.get(said.size() - 1).event() instanceof RunFinished finished
                ? finished.outcome().name().toLowerCase(Locale.ROOT)
                : "stopped";
    }

    private static ObjectNode run(RunStarted registration) {
        ObjectNode run = JSON.createObjectNode()
                .put("loss", registration.loss())
                .put("output_activation", registration.outputActivation())
                .put("output_units", registration.outputUnits())
                .put("classes", registration.classes())
                .put("optimizer", registration.optimizer());
        number(run, "learning_rate", registration.learningRate());
        run.put("warmup_steps", registration.warmupSteps());
        number(run, "clip_threshold", registration.clipThreshold());
        run.put("batch_size", registration.batchSize())
                .put("steps_per_epoch", registration.stepsPerEpoch())
                .put("planned_epochs", registration.plannedEpochs());
        number(run, "baseline_loss", registration.baselineLoss());
        if (registration.pretrained()) {
            run.put("pretrained", true);
        }
        run.properties().removeIf(field -> field.getValue().isNull());
        return run;
    }

    private static Stream<ObjectNode> lines(RunRecord record) {
        if (record.event() instanceof GradientNorms norms) {
            return norms.steps().stream().map(RecordedRunWriter::step);
        }
        return record.event() instanceof EpochCompleted epoch ? Stream.of(epoch(epoch)) : Stream.empty();
    }

    private static ObjectNode step(StepNorms step) {
        ObjectNode line = JSON.createObjectNode().put("type", "step").put("step", step.step());
        number(line, "epoch", step.epoch());
        number(line, "loss", step.loss());
        number(line, "grad_norm", step.gradientNorm());
        number(line, "lr", step.learningRate());
        ArrayNode layers = line.putArray("layers");
        for (LayerNorms layer : step.layers()) {
            ObjectNode norms = layers.addObject().put("name", layer.name());
            number(norms, "grad_norm", layer.gradientNorm());
            number(norms, "zero_fraction", layer.zeroFraction());
            number(norms, "weight_norm", layer.weightNorm());
            number(norms, "update_norm", layer.updateNorm());
        }
        return line;
    }

    private static ObjectNode epoch(EpochCompleted epoch) {
        ObjectNode line = JSON.createObjectNode().put("type", "epoch");
        number(line, "epoch", epoch.epoch());
        line.put("step", epoch.step());
        number(line, "train_loss", epoch.trainLoss());
        number(line, "val_loss", epoch.validationLoss());
        number(line, "train_accuracy", epoch.trainAccuracy());
        number(line, "val_accuracy", epoch.validationAccuracy());
        number(line, "lr", epoch.learningRate());
        return line;
    }

    private static void number(ObjectNode line, String field, Double value) {
        if (value == null) {
            return;
        }
        if (!Double.isFinite(value)) {
            line.put(field, value.toString());
        } else if (value == Math.rint(value) && Math.abs(value) < 1e6) {
            line.put(field, value.intValue());
        } else {
            line.put(field, new BigDecimal(value).round(DIGITS).doubleValue());
        }
    }
}

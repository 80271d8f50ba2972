package dev.gradwatch.recorded.jsonl;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.Heartbeat;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.recorded.json.JsonValues;
import dev.gradwatch.recorded.log.LogEntry;
import dev.gradwatch.recorded.log.MalformedLogException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one record from its tokens, without building a tree, because a backtest reads millions. Every field has the short name that logs
 * use and the name that it has in the Avro schema; unknown fields are skipped. Reused from line to line; not thread-safe.
 */
final class JsonRecordParser {

    private static final int MOST_LAYERS = 4096;

    private final Map<String, String> layerNames = new HashMap<>();
    private String type;
    private Long step;
    private Double epoch;
    private Long time;
    private Integer attempt;
    private Double loss;
    private Double trainLoss;
    private Double validationLoss;
    private Double trainAccuracy;
    private Double validationAccuracy;
    private Double learningRate;
    private Double gradientNorm;
    private Map<String, Double> metrics;
    private List<LayerNorms> layers;
    private String outcome;
    private String reason;
    private String status;

    /** Reads the object whose opening brace is the parser's current token. */
    LogEntry read(JsonParser parser) throws IOException, MalformedLogException {
        clear();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            readField(parser, name);
        }
        if (parser.nextToken() != null) {
            throw new MalformedLogException("one line holds one record, but something follows it", parser.getText());
        }
        return new LogEntry(event(), time, attempt);
    }

    private void readField(JsonParser parser, String name) throws IOException, MalformedLogException {
        switch (name) {
            case "type" -> type = JsonValues.text(parser, name);
            case "step" -> step = JsonValues.count(parser, name);
            case "epoch" -> epoch = JsonValues.position(parser, name);
            case "time", "event_time" -> time = JsonValues.count(parser, name);
            case "attempt" -> attempt = JsonValues.atLeastOne(parser, name);
            case "loss" -> loss = JsonValues.number(parser, name);
            case "train_loss" -> trainLoss = JsonValues.number(parser, name);
            case "val_loss", "validation_loss" -> validationLoss = JsonValues.number(parser, name);
            case "train_accuracy" -> trainAccuracy = JsonValues.accuracy(parser, name);
            case "val_accuracy", "validation_accuracy" -> validationAccuracy = JsonValues.accuracy(parser, name);
            case "lr", "learning_rate" -> learningRate = JsonValues.notNegative(parser, name);
            case "grad_norm", "gradient_norm" -> gradientNorm = JsonValues.notNegative(parser, name);
            case "metrics" -> metrics = readMetrics(parser);
            case "layers" -> layers = readLayers(parser);
            case "outcome" -> outcome = JsonValues.text(parser, name);
            case "reason" -> reason = JsonValues.text(parser, name);
            case "status" -> status = JsonValues.text(parser, name);
            default -> parser.skipChildren();
        }
    }

    private RunEvent event() throws MalformedLogException {
        if (type == null) {
            throw new MalformedLogException(
                    "the record has no type; epoch, step, heartbeat or finished is meant", null);
        }
        return switch (type) {
            case "step" -> stepNorms();
            case "epoch" -> epochCompleted();
            case "heartbeat" -> new Heartbeat(step, status);
            case "finished" -> new RunFinished(HeaderParser.outcome(outcome), reason);
            default ->
                throw new MalformedLogException(
                        "unknown type of record; epoch, step, heartbeat and finished are known", type);
        };
    }

    private GradientNorms stepNorms() throws MalformedLogException {
        if (step == null) {
            throw new MalformedLogException("a step record needs a step", null);
        }
        return new GradientNorms(List.of(new StepNorms(step, epoch, null, loss, gradientNorm, learningRate, layers)));
    }

    private EpochCompleted epochCompleted() throws MalformedLogException {
        if (epoch == null && step == null) {
            throw new MalformedLogException("an epoch record needs an epoch or a step", null);
        }
        return new EpochCompleted(
                epoch,
                step,
                trainLoss == null ? loss : trainLoss,
                validationLoss,
                trainAccuracy,
                validationAccuracy,
                learningRate,
                gradientNorm,
                metrics);
    }

    private static Map<String, Double> readMetrics(JsonParser parser) throws IOException, MalformedLogException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return Map.of();
        }
        JsonValues.expect(parser, JsonToken.START_OBJECT, "metrics must be an object of numbers");
        Map<String, Double> read = new HashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            Double value = JsonValues.number(parser, "metrics." + name);
            if (value != null) {
                read.put(name, value);
            }
        }
        return read;
    }

    private List<LayerNorms> readLayers(JsonParser parser) throws IOException, MalformedLogException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return List.of();
        }
        JsonValues.expect(parser, JsonToken.START_ARRAY, "layers must be a list of objects");
        List<LayerNorms> read = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            JsonValues.expect(parser, JsonToken.START_OBJECT, "layers must be a list of objects");
            read.add(readLayer(parser));
            if (read.size() > MOST_LAYERS) {
                throw new MalformedLogException("more than " + MOST_LAYERS + " layers in one step", null);
            }
        }
        return read;
    }

    private LayerNorms readLayer(JsonParser parser) throws IOException, MalformedLogException {
        String name = null;
        Double norm = null;
        Double zero = null;
        Double weight = null;
        Double update = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "name" -> name = JsonValues.text(parser, field);
                case "grad_norm", "gradient_norm" -> norm = JsonValues.notNegative(parser, field);
                case "zero_fraction" -> zero = JsonValues.share(parser, field);
                case "weight_norm" -> weight = JsonValues.notNegative(parser, field);
                case "update_norm" -> update = JsonValues.notNegative(parser, field);
                default -> parser.skipChildren();
            }
        }
        if (name == null || name.isBlank()) {
            throw new MalformedLogException("a layer needs a name", name);
        }
        return new LayerNorms(interned(name), norm, zero, weight, update);
    }

    /** A file repeats the same few names in every step; one string of each is enough. */
    private String interned(String name) {
        if (layerNames.size() >= MOST_LAYERS) {
            return layerNames.getOrDefault(name, name);
        }
        return layerNames.computeIfAbsent(name, same -> same);
    }

    private void clear() {
        type = null;
        step = null;
        epoch = null;
        time = null;
        attempt = null;
        loss = null;
        trainLoss = null;
        validationLoss = null;
        trainAccuracy = null;
        validationAccuracy = null;
        learningRate = null;
        gradientNorm = null;
        metrics = Map.of();
        layers = List.of();
        outcome = null;
        reason = null;
        status = null;
    }
}

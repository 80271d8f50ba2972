package dev.gradwatch.recorded.jsonl;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.RunStarted.LayerDescription;
import dev.gradwatch.recorded.json.JsonValues;
import dev.gradwatch.recorded.log.MalformedLogException;
import dev.gradwatch.recorded.log.RunHeader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A JSON header: {@code run_id} or {@code trace}, {@code attempt}, {@code start_time}, {@code finished}, and under {@code run} every field
 * of the registration by its name in the Avro schema. Unknown keys are nobody's business here; known ones must be possible values.
 */
final class HeaderParser {

    private static final int LONGEST_ID = 256;

    private final JsonNode node;
    private final String path;

    private HeaderParser(JsonNode node, String path) {
        this.node = node;
        this.path = path;
    }

    static RunHeader header(JsonNode header) throws MalformedLogException {
        HeaderParser top = new HeaderParser(header, "");
        String runId = top.text("run_id");
        if (runId == null) {
            runId = top.text("trace");
        }
        checkRunId(runId);
        Integer attempt = top.whole("attempt", 1, Integer.MAX_VALUE);
        Long start = top.count("start_time", 1);
        return new RunHeader(runId, attempt == null ? 1 : attempt, start, registration(header), top.finished());
    }

    static void checkRunId(String runId) throws MalformedLogException {
        if (runId != null && (runId.isBlank() || runId.length() > LONGEST_ID)) {
            throw new MalformedLogException("a run id has 1 to " + LONGEST_ID + " characters", runId);
        }
    }

    static RunFinished.Outcome outcome(String text) throws MalformedLogException {
        if (text == null) {
            return RunFinished.Outcome.UNKNOWN;
        }
        for (RunFinished.Outcome outcome : RunFinished.Outcome.values()) {
            if (outcome.name().equals(text.toUpperCase(Locale.ROOT))) {
                return outcome;
            }
        }
        throw new MalformedLogException("outcome must be completed, failed, cancelled, stopped or unknown", text);
    }

    private static RunStarted registration(JsonNode header) throws MalformedLogException {
        JsonNode run = header.path("run");
        if (!run.isObject() && !run.isMissingNode() && !run.isNull()) {
            throw new MalformedLogException("run must be an object", run.toString());
        }
        HeaderParser in = new HeaderParser(run, "run.");
        return RunStarted.builder()
                .name(in.text("name"))
                .project(in.text("project"))
                .team(in.text("team"))
                .cluster(in.text("cluster"))
                .group(in.text("group"))
                .profile(in.text("profile"))
                .loss(in.text("loss"))
                .outputActivation(in.text("output_activation"))
                .outputUnits(in.whole("output_units", 1, Integer.MAX_VALUE))
                .classes(in.whole("classes", 2, Integer.MAX_VALUE))
                .optimizer(in.text("optimizer"))
                .learningRate(in.positive("learning_rate"))
                .warmupSteps(in.count("warmup_steps", 0))
                .clipThreshold(in.positive("clip_threshold"))
                .batchSize(in.whole("batch_size", 1, Integer.MAX_VALUE))
                .stepsPerEpoch(in.count("steps_per_epoch", 1))
                .plannedEpochs(in.whole("planned_epochs", 1, Integer.MAX_VALUE))
                .plannedSteps(in.count("planned_steps", 1))
                .baselineLoss(in.number("baseline_loss"))
                .resumed(in.flag("resumed"))
                .pretrained(in.flag("pretrained"))
                .layers(in.layers())
                .lowerIsBetter(in.texts("lower_is_better"))
                .stopOn(in.texts("stop_on"))
                .tags(in.tags())
                .build();
    }

    private RunFinished finished() throws MalformedLogException {
        JsonNode value = node.path("finished");
        if (value.isMissingNode() || value.isNull() || (value.isBoolean() && !value.booleanValue())) {
            return null;
        }
        if (value.isBoolean()) {
            return new RunFinished(RunFinished.Outcome.UNKNOWN, null);
        }
        if (value.isTextual()) {
            return new RunFinished(outcome(value.textValue()), null);
        }
        if (!value.isObject()) {
            throw new MalformedLogException("finished must be an outcome or an object", value.toString());
        }
        HeaderParser in = new HeaderParser(value, "finished.");
        return new RunFinished(outcome(in.text("outcome")), in.text("reason"));
    }

    private String text(String name) throws MalformedLogException {
        JsonNode value = node.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw new MalformedLogException(path + name + " must be text", value.toString());
        }
        return value.textValue();
    }

    private Double number(String name) throws MalformedLogException {
        JsonNode value = node.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (value.isTextual()) {
            return JsonValues.nonFinite(value.textValue(), path + name);
        }
        if (!value.isNumber()) {
            throw new MalformedLogException(path + name + " must be a number", value.toString());
        }
        return value.doubleValue();
    }

    private Double positive(String name) throws MalformedLogException {
        Double value = number(name);
        if (value != null && !(value > 0 && Double.isFinite(value))) {
            throw new MalformedLogException(path + name + " must be a finite number above 0", value.toString());
        }
        return value;
    }

    private Long count(String name, long least) throws MalformedLogException {
        Double value = number(name);
        if (value == null) {
            return null;
        }
        if (!(value >= least) || value != Math.rint(value) || value > 1L << 53) {
            throw new MalformedLogException(
                    path + name + " must be a whole number of " + least + " or more", value.toString());
        }
        return value.longValue();
    }

    private Integer whole(String name, int least, int most) throws MalformedLogException {
        Long value = count(name, least);
        if (value != null && value > most) {
            throw new MalformedLogException(path + name + " must be at most " + most, value.toString());
        }
        return value == null ? null : value.intValue();
    }

    private boolean flag(String name) throws MalformedLogException {
        JsonNode value = node.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return false;
        }
        if (!value.isBoolean()) {
            throw new MalformedLogException(path + name + " must be true or false", value.toString());
        }
        return value.booleanValue();
    }

    private List<String> texts(String name) throws MalformedLogException {
        List<String> read = new ArrayList<>();
        for (JsonNode value : list(name)) {
            if (!value.isTextual()) {
                throw new MalformedLogException(path + name + " must be a list of texts", value.toString());
            }
            read.add(value.textValue());
        }
        return read;
    }

    private List<LayerDescription> layers() throws MalformedLogException {
        List<LayerDescription> read = new ArrayList<>();
        for (JsonNode value : list("layers")) {
            HeaderParser in = new HeaderParser(value, path + "layers.");
            String name = value.isTextual() ? value.textValue() : in.text("name");
            if (name == null) {
                throw new MalformedLogException(path + "layers: a layer needs a name", value.toString());
            }
            read.add(new LayerDescription(name, in.count("parameters", 0), in.flag("frozen")));
        }
        return read;
    }

    private Map<String, String> tags() throws MalformedLogException {
        JsonNode value = node.path("tags");
        Map<String, String> read = new LinkedHashMap<>();
        if (value.isMissingNode() || value.isNull()) {
            return read;
        }
        if (!value.isObject()) {
            throw new MalformedLogException(path + "tags must be an object", value.toString());
        }
        value.properties().forEach(tag -> read.put(tag.getKey(), tag.getValue().asText()));
        return read;
    }

    private JsonNode list(String name) throws MalformedLogException {
        JsonNode value = node.path(name);
        if (!value.isMissingNode() && !value.isNull() && !value.isArray()) {
            throw new MalformedLogException(path + name + " must be a list", value.toString());
        }
        return value;
    }
}

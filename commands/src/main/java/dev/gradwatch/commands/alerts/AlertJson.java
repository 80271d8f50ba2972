package dev.gradwatch.commands.alerts;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.Evidence;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.alert.Recovery;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/** An alert as one line of JSON: the contract of {@code backtest --json} and {@code alerts --json}. NaN and infinity are strings. */
public final class AlertJson {

    private static final JsonFactory JSON = new JsonFactory();

    private AlertJson() {}

    /** One line, without its end: of a backtest's alert the same as of the topic's record. */
    public static String line(Alert alert) {
        StringWriter text = new StringWriter(512);
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("run", alert.runId());
            json.writeNumberField("attempt", alert.attempt());
            json.writeStringField("id", alert.id());
            json.writeNumberField("revision", alert.revision());
            json.writeStringField("state", lower(alert.state()));
            json.writeStringField("detector", alert.detector());
            json.writeStringField("severity", lower(alert.severity()));
            writePlace(json, "opened", alert.opened());
            writePlace(json, "resolved", alert.ended());
            json.writeStringField("summary", alert.summary());
            writeEvidence(json, alert.evidence());
            writeCauses(json, alert.causes());
            writeTexts(json, "symptoms", alert.symptoms());
            writeTexts(json, "missing_evidence", alert.missingEvidence());
            json.writeBooleanField("stop_recommended", alert.stopRecommended());
            writeWhole(json, "last_healthy_step", alert.lastHealthyStep());
            writeNumber(json, "best_epoch", alert.bestEpoch());
            writeRecovery(json, alert.recovery());
            json.writeStringField("superseded_by", alert.supersededBy());
            writeTexts(json, "supersedes", alert.supersedes());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return text.toString();
    }

    public static void writeNumber(JsonGenerator json, String name, Double value) throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else if (Double.isFinite(value)) {
            json.writeNumberField(name, value);
        } else {
            json.writeStringField(name, value.toString());
        }
    }

    public static void writeWhole(JsonGenerator json, String name, Long value) throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, value);
        }
    }

    public static void writeTexts(JsonGenerator json, String name, List<String> texts) throws IOException {
        json.writeArrayFieldStart(name);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    public static void writePlace(JsonGenerator json, String prefix, Position place) throws IOException {
        writeWhole(json, prefix + "_step", place == null ? null : place.step());
        writeNumber(json, prefix + "_epoch", place == null ? null : place.epoch());
    }

    private static void writeEvidence(JsonGenerator json, List<Evidence> evidence) throws IOException {
        json.writeArrayFieldStart("evidence");
        for (Evidence one : evidence) {
            json.writeStartObject();
            json.writeStringField("name", one.name());
            writeNumber(json, "value", one.value());
            json.writeStringField("unit", one.unit());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writeRecovery(JsonGenerator json, Recovery recovery) throws IOException {
        json.writeObjectFieldStart("recovery");
        json.writeStringField("action", recovery.action().code());
        writeWhole(json, "step", recovery.step());
        writeNumber(json, "epoch", recovery.epoch());
        json.writeStringField("reason", recovery.reason().code());
        json.writeStringField("text", RecoveryText.of(recovery));
        json.writeEndObject();
    }

    private static void writeCauses(JsonGenerator json, List<ProbableCause> causes) throws IOException {
        json.writeArrayFieldStart("causes");
        for (ProbableCause cause : causes) {
            json.writeStartObject();
            json.writeStringField("code", cause.code());
            writeNumber(json, "confidence", cause.confidence());
            writeTexts(json, "for", cause.evidenceFor());
            writeTexts(json, "against", cause.evidenceAgainst());
            json.writeStringField("remedy", cause.remedy());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    public static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}

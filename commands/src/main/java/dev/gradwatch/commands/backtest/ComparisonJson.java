package dev.gradwatch.commands.backtest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.gradwatch.commands.alerts.AlertJson;
import dev.gradwatch.commands.alerts.FinalAlert;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.ProbableCause;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/** The difference of an alert under two settings as one line of JSON. */
final class ComparisonJson {

    private static final JsonFactory JSON = new JsonFactory();

    private ComparisonJson() {}

    /** What changed settings do to one alert, as one line: the contract of {@code backtest --compare --json}. */
    static String line(String runId, AlertDifference difference) {
        StringWriter text = new StringWriter(512);
        try (JsonGenerator json = JSON.createGenerator(text)) {
            Alert either = difference.either().alert();
            json.writeStartObject();
            json.writeStringField("run", runId);
            json.writeNumberField("attempt", either.attempt());
            json.writeStringField("change", AlertJson.lower(difference.kind()));
            json.writeStringField("detector", either.detector());
            writeSide(json, "before", difference.before());
            writeSide(json, "after", difference.after());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return text.toString();
    }

    private static void writeSide(JsonGenerator json, String name, FinalAlert seen) throws IOException {
        if (seen == null) {
            json.writeNullField(name);
            return;
        }
        json.writeObjectFieldStart(name);
        json.writeStringField("id", seen.alert().id());
        json.writeStringField("severity", AlertJson.lower(seen.alert().severity()));
        json.writeStringField("state", AlertJson.lower(seen.alert().state()));
        AlertJson.writePlace(json, "opened", seen.alert().opened());
        AlertJson.writePlace(json, "resolved", seen.alert().ended());
        json.writeStringField("summary", seen.alert().summary());
        List<ProbableCause> causes = seen.alert().causes();
        json.writeStringField("cause", causes.isEmpty() ? null : causes.get(0).code());
        json.writeEndObject();
    }
}

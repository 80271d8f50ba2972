package dev.gradwatch.app.edge.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.schemas.OpenAlert;
import dev.gradwatch.schemas.RunStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Runs as a table of at most 100 columns, or as JSON. */
final class RunTable {

    private static final int NAME = 21;
    private static final int TEAM = 10;
    private static final int PHASE = 10;
    private static final int PLACE = 13;
    private static final int LOSS = 8;
    private static final int ALERTS = AlertCard.WIDTH - NAME - TEAM - PHASE - PLACE - 2 * LOSS - 6;

    private RunTable() {}

    static void print(Collection<RunStatus> runs, PrintWriter out, Style style) {
        if (runs.isEmpty()) {
            out.println("No runs yet.");
            return;
        }
        out.println(style.faint(row("RUN", "TEAM", "PHASE", "AT", "TRAIN", "VAL", "OPEN ALERTS")));
        runs.stream()
                .sorted(Comparator.comparing(
                                RunTable::gravest, Comparator.nullsFirst(Comparator.<Severity>naturalOrder()))
                        .reversed()
                        .thenComparing(RunStatus::getRunId))
                .forEach(run -> out.println(row(run, style)));
        long alerting =
                runs.stream().filter(run -> !run.getOpenAlerts().isEmpty()).count();
        out.println(runs.size() + (runs.size() == 1 ? " run, " : " runs, ") + alerting + " with open alerts");
    }

    static String json(RunStatus run) {
        StringWriter text = new StringWriter(512);
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("run", run.getRunId());
            json.writeNumberField("attempt", run.getAttempt());
            json.writeStringField("name", run.getRunName());
            json.writeStringField("project", run.getProject());
            json.writeStringField("team", run.getTeam());
            json.writeStringField("cluster", run.getCluster());
            json.writeStringField("group", run.getGroup());
            json.writeStringField("phase", run.getPhase().name().toLowerCase(Locale.ROOT));
            json.writeStringField("updated_at", run.getUpdatedAt().toString());
            AlertJson.writeWhole(json, "step", run.getStep());
            AlertJson.writeNumber(json, "epoch", run.getEpoch());
            AlertJson.writeNumber(json, "train_loss", run.getTrainLoss());
            AlertJson.writeNumber(json, "validation_loss", run.getValidationLoss());
            AlertJson.writeNumber(json, "best_validation_loss", run.getBestValidationLoss());
            AlertJson.writeNumber(json, "best_epoch", run.getBestEpoch());
            AlertJson.writeNumber(json, "gradient_norm", run.getGradientNorm());
            AlertJson.writeNumber(json, "learning_rate", run.getLearningRate());
            writeAlerts(json, run.getOpenAlerts());
            AlertJson.writeTexts(json, "missing_evidence", run.getMissingEvidence());
            json.writeNumberField("events", run.getEvents());
            json.writeNumberField("duplicates", run.getDuplicates());
            json.writeNumberField("stale", run.getStale());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return text.toString();
    }

    private static void writeAlerts(JsonGenerator json, List<OpenAlert> alerts) throws IOException {
        json.writeArrayFieldStart("open_alerts");
        for (OpenAlert alert : alerts) {
            json.writeStartObject();
            json.writeStringField("id", alert.getId());
            json.writeStringField("detector", alert.getDetector());
            json.writeStringField("severity", alert.getSeverity().toLowerCase(Locale.ROOT));
            AlertJson.writeWhole(json, "opened_step", alert.getOpenedStep());
            AlertJson.writeNumber(json, "opened_epoch", alert.getOpenedEpoch());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static String row(RunStatus run, Style style) {
        String left = row(
                run.getRunName() == null ? run.getRunId() : run.getRunName(),
                run.getTeam(),
                run.getPhase().name().toLowerCase(Locale.ROOT),
                place(run),
                loss(run.getTrainLoss()),
                loss(run.getValidationLoss()),
                "");
        Severity gravest = gravest(run);
        return gravest == null
                ? left
                : PlainText.column(left, AlertCard.WIDTH - ALERTS) + style.severity(gravest, open(run, gravest));
    }

    /** The first of the gravest, and how many others there are. */
    private static String open(RunStatus run, Severity gravest) {
        String first = run.getOpenAlerts().stream()
                .filter(alert -> severity(alert.getSeverity()) == gravest)
                .map(OpenAlert::getDetector)
                .findFirst()
                .orElse("");
        int others = run.getOpenAlerts().size() - 1;
        String more = others == 0 ? "" : " +" + others;
        return PlainText.cut(PlainText.of(first), ALERTS - more.length()) + more;
    }

    private static String row(
            String name, String team, String phase, String place, String train, String validation, String alerts) {
        String row = cell(name, NAME)
                + cell(team, TEAM)
                + cell(phase, PHASE)
                + cell(place, PLACE)
                + cell(train, LOSS)
                + cell(validation, LOSS)
                + PlainText.cut(alerts, ALERTS);
        return row.stripTrailing();
    }

    private static String cell(String text, int width) {
        return PlainText.column(PlainText.of(text), width) + " ";
    }

    private static String place(RunStatus run) {
        if (run.getEpoch() != null) {
            String planned = run.getPlannedEpochs() == null ? "" : "/" + run.getPlannedEpochs();
            return "epoch " + AlertCard.number(run.getEpoch()) + planned;
        }
        return run.getStep() == null ? "-" : "step " + run.getStep();
    }

    private static String loss(Double loss) {
        return loss == null ? "-" : Double.isFinite(loss) ? String.format(Locale.ROOT, "%.3g", loss) : loss.toString();
    }

    /** {@code null} when nothing is open. */
    private static Severity gravest(RunStatus run) {
        return run.getOpenAlerts().stream()
                .map(alert -> severity(alert.getSeverity()))
                .max(Comparator.naturalOrder())
                .orElse(null);
    }

    /** A newer service may know a severity that this program does not. */
    private static Severity severity(String name) {
        for (Severity known : Severity.values()) {
            if (known.name().equals(name)) {
                return known;
            }
        }
        return Severity.INFO;
    }
}

package dev.gradwatch.commands.runs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.gradwatch.commands.alerts.AlertJson;
import dev.gradwatch.commands.options.TimeText;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.TerminalText;
import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.schemas.OpenAlert;
import dev.gradwatch.schemas.RunStatus;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Runs as a table that fits its page, those with the gravest alerts first, or as JSON. */
final class RunTable {

    private static final int TEAM = 10;
    private static final int PHASE = 10;
    private static final int PLACE = 13;
    private static final int LOSS = 8;
    private static final int UPDATED = 25;
    private static final int LEAST_NAME = 12;
    private static final int LEAST_ALERTS = 14;
    private static final int WITH_TEAM = 90;
    private static final int WITH_UPDATED = 140;

    private final PageFormat page;
    private int name;
    private int id;
    private int team;
    private int updated;
    private int alerts;

    /** Narrow pages have no column for the team and the time; a page without a bound cuts nothing. */
    RunTable(PageFormat page) {
        this.page = page;
    }

    private void layOut(Collection<RunStatus> runs) {
        boolean named = runs.stream().anyMatch(run -> !run.getRunId().equals(nameOf(run)));
        name = Math.max(LEAST_NAME, widest(runs, RunTable::nameOf));
        id = named ? Math.max(LEAST_NAME, widest(runs, RunStatus::getRunId)) : 0;
        team = page.width() < WITH_TEAM ? 0 : Math.max(TEAM, bounded() ? 0 : widest(runs, RunStatus::getTeam));
        updated = page.width() < WITH_UPDATED ? 0 : UPDATED;
        alerts = Math.max(LEAST_ALERTS, widest(runs, run -> open(run, gravest(run))));
        int fixed = PHASE + 1 + PLACE + 1 + 2 * (LOSS + 1) + column(team) + column(updated);
        int excess = fixed + column(name) + column(id) + alerts - page.width();
        // What is cut first is what can be looked up elsewhere.
        int fewer = Math.min(Math.max(0, excess), alerts - LEAST_ALERTS);
        alerts -= fewer;
        excess -= fewer;
        if (id > 0) {
            fewer = Math.min(Math.max(0, excess), id - LEAST_NAME);
            id -= fewer;
            excess -= fewer;
        }
        name -= Math.min(Math.max(0, excess), name - LEAST_NAME);
    }

    private boolean bounded() {
        return page.width() != Integer.MAX_VALUE;
    }

    private static int column(int width) {
        return width == 0 ? 0 : width + 1;
    }

    private static int widest(Collection<RunStatus> runs, Function<RunStatus, String> text) {
        return runs.stream()
                .mapToInt(run -> TerminalText.width(TerminalText.of(text.apply(run))))
                .max()
                .orElse(0);
    }

    private static String nameOf(RunStatus run) {
        return run.getRunName() == null ? run.getRunId() : run.getRunName();
    }

    /** The table line by line, with its sum at the end. */
    List<String> lines(Collection<RunStatus> runs) {
        if (runs.isEmpty()) {
            return List.of("No runs yet.");
        }
        layOut(runs);
        List<String> lines = new ArrayList<>();
        lines.add(
                page.style().faint(row("RUN", "ID", "TEAM", "PHASE", "AT", "TRAIN", "VAL", "UPDATED") + "OPEN ALERTS"));
        runs.stream()
                .sorted(Comparator.comparing(
                                RunTable::gravest, Comparator.nullsFirst(Comparator.<Severity>naturalOrder()))
                        .reversed()
                        .thenComparing(RunStatus::getRunId))
                .forEach(run -> lines.add(row(run)));
        long alerting =
                runs.stream().filter(run -> !run.getOpenAlerts().isEmpty()).count();
        lines.add(runs.size() + (runs.size() == 1 ? " run, " : " runs, ") + alerting + " with open alerts");
        return lines;
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
            json.writeStringField("updated_at", TimeText.of(run.getUpdatedAt()));
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
            json.writeNumberField("alerts_held_back", run.getAlertsHeldBack());
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

    private String row(RunStatus run) {
        String left = row(
                nameOf(run),
                run.getRunId(),
                run.getTeam(),
                run.getPhase().name().toLowerCase(Locale.ROOT),
                place(run),
                loss(run.getTrainLoss()),
                loss(run.getValidationLoss()),
                TimeText.of(run.getUpdatedAt()));
        Severity gravest = gravest(run);
        return gravest == null ? left.stripTrailing() : left + page.style().severity(gravest, open(run, gravest));
    }

    /** The first of the gravest, and how many others there are. */
    private String open(RunStatus run, Severity gravest) {
        if (gravest == null) {
            return "";
        }
        String first = run.getOpenAlerts().stream()
                .filter(alert -> severity(alert.getSeverity()) == gravest)
                .map(OpenAlert::getDetector)
                .findFirst()
                .orElse("");
        int others = run.getOpenAlerts().size() - 1;
        String more = others == 0 ? "" : " +" + others;
        String plain = TerminalText.of(first);
        return (alerts == 0 ? plain : TerminalText.cut(plain, alerts - more.length())) + more;
    }

    private String row(
            String runName,
            String runId,
            String runTeam,
            String phase,
            String place,
            String train,
            String validation,
            String time) {
        return cell(runName, name)
                + cell(runId, id)
                + cell(runTeam, team)
                + cell(phase, PHASE)
                + cell(place, PLACE)
                + cell(train, LOSS)
                + cell(validation, LOSS)
                + cell(time, updated);
    }

    private static String cell(String text, int width) {
        return width == 0 ? "" : TerminalText.column(TerminalText.of(text), width) + " ";
    }

    private static String place(RunStatus run) {
        if (run.getEpoch() != null) {
            String planned = run.getPlannedEpochs() == null ? "" : "/" + run.getPlannedEpochs();
            return "epoch " + NumberText.number(run.getEpoch()) + planned;
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

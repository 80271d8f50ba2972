package dev.gradwatch.detection.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.alert.Recovery;
import dev.gradwatch.detection.scenario.DiagnosedRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What is said of runs whose causes are known, word for word in {@code alert-texts.txt}: to be read by somebody who trains models whenever
 * it changes. {@code -Dgradwatch.golden.write=true} rewrites it.
 */
class AlertTextsTest {

    private static final Path FILE = Path.of("src", "test", "resources", "alert-texts.txt");

    @Test
    void saysOfEveryKnownCauseWhatIsWritten() throws IOException {
        StringBuilder all = new StringBuilder();
        for (Map.Entry<String, RunLog> run : DiagnosedRuns.all().entrySet()) {
            all.append("# ").append(run.getKey()).append("\n\n");
            List<Alert> told = told(WatchedRun.run(run.getValue()));
            assertThat(told).as(run.getKey()).isNotEmpty();
            told.forEach(alert -> all.append(render(alert)).append('\n'));
        }
        if (Boolean.getBoolean("gradwatch.golden.write")) {
            Files.writeString(FILE, all);
        }

        assertThat(all.toString())
                .as("read what changed; then run this test with -Dgradwatch.golden.write=true")
                .isEqualTo(Files.readString(FILE));
    }

    /** The newest open revision of every alert that pages somebody; of the notes where none does. */
    private static List<Alert> told(WatchedRun run) {
        boolean pages = !run.paging().isEmpty();
        Map<String, Alert> newest = new LinkedHashMap<>();
        for (Alert alert : run.alerts()) {
            if (alert.state().isOpen() && alert.severity().isPaging() == pages) {
                newest.put(alert.id(), alert);
            }
        }
        return List.copyOf(newest.values());
    }

    private static String render(Alert alert) {
        StringBuilder text = new StringBuilder();
        text.append(alert.severity()).append(' ').append(alert.detector());
        text.append(
                alert.opened().step() == null
                        ? ""
                        : ", since step " + alert.opened().step());
        text.append(
                alert.opened().epoch() == null
                        ? ""
                        : ", epoch "
                                + String.format(
                                        Locale.ROOT, "%.1f", alert.opened().epoch()));
        text.append(alert.stopRecommended() ? ", stop" : "");
        text.append("\n  ").append(alert.summary()).append('\n');
        if (!alert.symptoms().isEmpty()) {
            text.append("  also: ").append(String.join(", ", alert.symptoms())).append('\n');
        }
        Recovery recovery = alert.recovery();
        text.append("  recovery: ").append(recovery.action().code());
        text.append(recovery.step() == null ? "" : " " + recovery.step());
        text.append(recovery.epoch() == null ? "" : " " + recovery.epoch());
        text.append(", ").append(recovery.reason().code()).append('\n');
        for (ProbableCause cause : alert.causes()) {
            text.append(String.format(
                    Locale.ROOT, "  %.0f %% %s%n", 100 * cause.confidence(), CauseCode.titleOf(cause.code())));
            cause.evidenceFor()
                    .forEach(words -> text.append("    + ").append(words).append('\n'));
            cause.evidenceAgainst()
                    .forEach(words -> text.append("    - ").append(words).append('\n'));
            text.append("    do: ").append(cause.remedy()).append('\n');
        }
        alert.missingEvidence()
                .forEach(words -> text.append("  missing: ").append(words).append('\n'));
        return text.toString();
    }
}

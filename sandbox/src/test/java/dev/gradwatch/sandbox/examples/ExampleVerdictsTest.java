package dev.gradwatch.sandbox.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.sandbox.examples.ExampleProcesses.Progress;
import dev.gradwatch.sandbox.examples.ExampleVerdicts.Judgement;
import dev.gradwatch.sandbox.examples.ExampleVerdicts.Verdict;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExampleVerdictsTest {

    private static final ExpectedRun FAULTY = ExpectedRun.faulty("rate", "frozen-updates", "loss-plateau");
    private static final ExpectedRun SOUND = ExpectedRun.sound("rate-fixed");
    private static final Example EXAMPLE = new Example("rate", List.of(FAULTY, SOUND));

    private final ExampleVerdicts verdicts = new ExampleVerdicts(List.of(EXAMPLE));

    @Test
    void findsAFaultThatOneOfItsDetectorsNames() {
        verdicts.add(alert("rate-4k2x0a", "loss-plateau", Severity.INFO));
        assertThat(verdict(FAULTY)).isEqualTo(new Verdict(FAULTY, Judgement.FOUND, List.of("loss-plateau")));
    }

    @Test
    void findsAFaultThatStandsBehindAGraverAlert() {
        Alert graver = alert("rate-4k2x0a", "loss-divergence", Severity.CRITICAL);
        graver.setSymptoms(List.of("frozen-updates"));
        verdicts.add(graver);
        assertThat(verdict(FAULTY).judgement()).isEqualTo(Judgement.FOUND);
    }

    @Test
    void missesAFaultOnlyOnceItsTrainingIsComplete() {
        verdicts.add(alert("rate-4k2x0a", "overfitting", Severity.WARNING));
        verdicts.add(alert("rate-of-somebody-else", "frozen-updates", Severity.WARNING));
        assertThat(verdict(FAULTY).judgement()).isEqualTo(Judgement.MISSED);
        assertThat(verdicts.verdicts(Map.of(EXAMPLE, Progress.CUT_OFF)))
                .extracting(Verdict::judgement)
                .containsOnly(Judgement.OPEN);
    }

    @Test
    void accusesASoundRunByMoreThanANoteOfAnotherThanTheMachine() {
        verdicts.add(alert("rate-fixed-4k2x0a", "overfitting", Severity.INFO));
        verdicts.add(alert("rate-fixed-4k2x0a", "silent-run", Severity.WARNING));
        assertThat(verdict(SOUND).judgement()).isEqualTo(Judgement.QUIET);

        verdicts.add(alert("rate-fixed-4k2x0a", "overfitting", Severity.WARNING));
        assertThat(verdict(SOUND)).isEqualTo(new Verdict(SOUND, Judgement.ACCUSED, List.of("overfitting")));
    }

    @Test
    void expectsOfTheExamplesWhatTheirOwnTableDemands() throws Exception {
        ExampleFiles files = ExampleFiles.find();
        String table = Files.readString(files.scripts().resolve("expected.py"));
        for (Example example : Example.QUICK) {
            String script = read(files, example);
            for (ExpectedRun run : example.runs()) {
                String row = row(table, run.name());
                assertThat(row).contains('"' + example.script() + '"');
                assertThat(run.detectors()).allMatch(detector -> row.contains('"' + detector + '"'));
                assertThat(row.contains("others=\"info\"")).as(row).isEqualTo(run.isSound());
                String common = run.name().substring(0, run.name().lastIndexOf('-'));
                assertThat(script).as(example.name()).contains(common);
            }
        }
    }

    private static String read(ExampleFiles files, Example example) throws IOException {
        return Files.readString(files.scripts().resolve(example.script()));
    }

    private static String row(String table, String run) {
        int start = table.indexOf('"' + run + '"');
        assertThat(start).as(run + " in expected.py").isNotNegative();
        int next = table.indexOf("Row(", start);
        return table.substring(start, next < 0 ? table.length() : next);
    }

    private Verdict verdict(ExpectedRun run) {
        return verdicts.verdicts(Map.of(EXAMPLE, Progress.COMPLETED)).stream()
                .filter(verdict -> verdict.run().equals(run))
                .findFirst()
                .orElseThrow();
    }

    private static Alert alert(String run, String detector, Severity severity) {
        Alert alert = new Alert();
        alert.setRunId(run);
        alert.setDetector(detector);
        alert.setSeverity(severity);
        alert.setSymptoms(List.of());
        return alert;
    }
}

package dev.gradwatch.app.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.recorded.RecordedRun;
import dev.gradwatch.recorded.RecordedRuns;
import dev.gradwatch.recorded.log.RecordedRunException;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.Severity;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;

/**
 * A recorded run with what is expected of it. One file serves the core, the topology and the broker: each of them hands the alerts that it
 * got to {@link #problems}. What is not yet said as it should be lies in the folder {@code open-questions} beside theirs, each with its question;
 * no test reads those.
 *
 * @param scene what goes on in the run, for whoever reads a failure
 * @param records without registrations when the file says nothing of the run
 * @param expected the loud alerts, every one; notes are free
 * @param also detectors that may speak of the same faults, once, first or as well
 */
public record Scenario(
        Path file,
        String runId,
        String scene,
        List<RunRecord> records,
        List<ExpectedAlert> expected,
        Set<String> also) {

    /** Where the files are. */
    public static final Path FOLDER = Path.of("src/test/resources/scenarios");

    /** Every scenario, by name. */
    public static List<Scenario> all() {
        try {
            List<Scenario> read = new ArrayList<>();
            for (Path file : RecordedRuns.in(FOLDER)) {
                read.add(read(file));
            }
            return read;
        } catch (IOException | RecordedRunException e) {
            throw new AssertionError("the scenarios in " + FOLDER + " cannot be read", e);
        }
    }

    private static Scenario read(Path file) throws IOException, RecordedRunException {
        JsonNode header =
                new ObjectMapper().readTree(text(file).lines().findFirst().orElseThrow());
        JsonNode expected = header.required("expected");
        boolean registered = header.has("run");
        List<RunRecord> records = new ArrayList<>();
        try (RecordedRun run = RecordedRuns.open(file)) {
            for (RunRecord record = run.next(); record != null; record = run.next()) {
                if (registered || !(record.event() instanceof RunStarted)) {
                    records.add(record);
                }
            }
        }
        return new Scenario(
                file,
                records.get(0).runId(),
                expected.required("scene").asText(),
                List.copyOf(records),
                StreamSupport.stream(expected.required("alerts").spliterator(), false)
                        .map(ExpectedAlert::read)
                        .toList(),
                StreamSupport.stream(expected.path("also").spliterator(), false)
                        .map(JsonNode::asText)
                        .collect(Collectors.toSet()));
    }

    /** A file's text, packed or not. */
    static String text(Path file) {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
                InputStream plain = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
                BufferedReader reader = new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8))) {
            return reader.lines().map(line -> line + "\n").collect(Collectors.joining());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public boolean isHealthy() {
        return expected.isEmpty();
    }

    /** What is wrong with all that was said of this run, in order; empty when it is what somebody who trains models expects. */
    public List<String> problems(List<Alert> said) {
        List<String> problems = new ArrayList<>();
        List<ExpectedAlert> missing = new ArrayList<>(expected);
        Set<String> others = new HashSet<>(also);
        for (List<Alert> life : lives(said)) {
            if (gravest(life) == Severity.INFO || others.remove(life.get(0).getDetector())) {
                continue;
            }
            ExpectedAlert match = missing.stream()
                    .filter(one -> one.isAbout(life))
                    .findFirst()
                    .orElse(null);
            missing.remove(match);
            String problem = match == null ? "was not expected" : match.problem(life);
            if (problem != null) {
                problems.add(described(life) + " " + problem);
            }
        }
        missing.forEach(one -> problems.add(one + " never came"));
        return problems;
    }

    /** How many notes were written that page nobody. */
    public static long notes(List<Alert> said) {
        return lives(said).stream()
                .filter(life -> gravest(life) == Severity.INFO)
                .count();
    }

    static Severity gravest(List<Alert> life) {
        return life.stream().map(Alert::getSeverity).max(Severity::compareTo).orElseThrow();
    }

    private static Collection<List<Alert>> lives(List<Alert> said) {
        Map<String, List<Alert>> lives = new LinkedHashMap<>();
        said.forEach(alert ->
                lives.computeIfAbsent(alert.getId(), id -> new ArrayList<>()).add(alert));
        return lives.values();
    }

    private static String described(List<Alert> life) {
        Alert last = life.get(life.size() - 1);
        return gravest(life) + " " + last.getDetector() + " of attempt " + last.getAttempt() + " (step "
                + last.getOpenedStep() + ", epoch " + last.getOpenedEpoch() + ", " + last.getState() + ", "
                + last.getCauses().get(0).getCode() + ": " + last.getSummary() + ")";
    }

    @Override
    public String toString() {
        return file.getFileName().toString();
    }
}

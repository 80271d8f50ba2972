package dev.gradwatch.detection.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.Detector;
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.detector.SuggestedCause;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.HealthyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.RunTransformations;
import dev.gradwatch.detection.scenario.WatchedRun;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.state.RunStateCodec;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every detector must keep, whatever it looks for. A new one is held to it without a line here. */
class CatalogueTest {

    /** Judge the loss against an absolute number, the entropy of a guess. */
    private static final Set<String> NOT_SCALE_FREE =
            Set.of("implausible-loss", "unexpected-initial-loss", "majority-class-collapse");

    private final RunStateCodec codec = new RunStateCodec();

    static List<CatalogueEntry> entries() {
        return Catalogue.entries();
    }

    static Stream<String> healthy() {
        return HealthyRuns.all().keySet().stream();
    }

    static Stream<String> faulty() {
        return FaultyRuns.all().keySet().stream();
    }

    static Stream<String> everyRun() {
        return Stream.concat(healthy(), faulty());
    }

    private static RunLog log(String name) {
        RunLog healthy = HealthyRuns.all().get(name);
        return healthy != null ? healthy : FaultyRuns.all().get(name);
    }

    @Test
    void idsAreUniqueKebabCaseAndNeverTakenForAnotherSymptom() {
        List<String> ids = entries().stream().map(CatalogueEntry::id).toList();

        assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.matches("[a-z]+(-[a-z]+)*"));
        assertThat(ids)
                .as("ids in retired-detector-ids.txt stood for another symptom")
                .filteredOn(RetiredIds.read()::contains)
                .isEmpty();
    }

    @Test
    void entriesAndDetectorsAgree() {
        List<Detector> detectors =
                Catalogue.detectors(DetectionSettings.defaults().detectors());

        assertThat(detectors.stream().map(Detector::id))
                .containsExactlyElementsOf(
                        entries().stream().map(CatalogueEntry::id).toList());
    }

    @Test
    void everyDetectorIsNamedAfterItsIdAndHasATestClass() {
        for (Detector detector :
                Catalogue.detectors(DetectionSettings.defaults().detectors())) {
            assertThat(detector.getClass().getSimpleName()).isEqualTo(className(detector.id()));
            assertThatCode(() -> Class.forName(detector.getClass().getName() + "Test"))
                    .as("%s needs a test", detector.getClass().getSimpleName())
                    .doesNotThrowAnyException();
        }
    }

    private static String className(String id) {
        StringBuilder name = new StringBuilder();
        for (String word : id.split("-", -1)) {
            name.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
        }
        return name + "Detector";
    }

    @Test
    void everyDetectorHasASickRunThatItFinds() {
        assertThat(FaultyRuns.all().keySet())
                .containsExactlyElementsOf(
                        entries().stream().map(CatalogueEntry::id).toList());
    }

    @ParameterizedTest
    @MethodSource("entries")
    void saysWhatItIs(CatalogueEntry entry) {
        assertThat(entry.title()).isNotBlank();
        assertThat(entry.summary()).endsWith(".").hasSizeGreaterThan(40);
        assertThat(entry.severities()).isNotEmpty();
        assertThat(entry.parameters()).isNotEmpty().extracting(Parameter::name).doesNotHaveDuplicates();
        for (Parameter parameter : entry.parameters()) {
            assertThat(parameter.name()).matches("[a-z]+(-[a-z]+)*");
            assertThat(parameter.unit()).isNotBlank();
            assertThat(parameter.doc()).endsWith(".");
        }
    }

    @ParameterizedTest
    @MethodSource("entries")
    void suggestsCausesOfItsOwn(CatalogueEntry entry) {
        assertThat(entry.causes())
                .isNotEmpty()
                .extracting(SuggestedCause::cause)
                .doesNotHaveDuplicates()
                .doesNotContain(CauseCode.INSUFFICIENT_EVIDENCE);
        assertThat(entry.causes()).allSatisfy(suggested -> {
            assertThat(suggested.weight()).isBetween(0.05, 1.0);
            assertThat(suggested.condition()).isNotEqualTo("");
        });
    }

    /** What is known of a detector stands in its own class: whoever else asks for it, asks the catalogue. */
    @Test
    void noIdIsQuotedOutsideItsDetectorsClass() throws IOException {
        List<String> ids = entries().stream().map(CatalogueEntry::id).toList();
        List<String> quoted = new ArrayList<>();
        for (Path file : mainSources()) {
            String source = Files.readString(file);
            for (String id : ids) {
                boolean own = file.getFileName().toString().equals(className(id) + ".java");
                if (!own && source.contains('"' + id + '"')) {
                    quoted.add(file.getFileName() + ": " + id);
                }
            }
        }
        // The code of a cause, which bears the same name as the symptom.
        quoted.remove("CauseCode.java: overfitting");

        assertThat(quoted).isEmpty();
    }

    private static List<Path> mainSources() throws IOException {
        List<Path> sources = new ArrayList<>();
        try (DirectoryStream<Path> modules = Files.newDirectoryStream(Path.of(".."))) {
            for (Path module : modules) {
                Path main = module.resolve("src").resolve("main").resolve("java");
                if (Files.isDirectory(main)) {
                    try (Stream<Path> files = Files.walk(main)) {
                        files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
                    }
                }
            }
        }
        assertThat(sources).hasSizeGreaterThan(100);
        return sources;
    }

    @ParameterizedTest
    @MethodSource("entries")
    void yieldsOnlyToDetectorsThatAreKnown(CatalogueEntry entry) {
        assertThat(entries()).extracting(CatalogueEntry::id).containsAll(entry.yieldsTo());
        assertThat(entry.yieldsTo()).doesNotContain(entry.id());
    }

    @Test
    void precedenceHasNoCircle() {
        Map<String, Set<String>> left = new TreeMap<>();
        entries().forEach(entry -> left.put(entry.id(), new HashSet<>(entry.yieldsTo())));
        boolean removed = true;
        while (removed) {
            Set<String> free = new HashSet<>();
            left.forEach((id, stronger) -> {
                if (stronger.stream().noneMatch(left::containsKey)) {
                    free.add(id);
                }
            });
            removed = left.keySet().removeAll(free);
        }

        assertThat(left).as("detectors that wait for each other").isEmpty();
    }

    @ParameterizedTest
    @MethodSource("entries")
    void rejectsParametersOutOfRangeByName(CatalogueEntry entry) {
        for (Parameter parameter : entry.parameters()) {
            String key = entry.id() + "." + parameter.name();
            for (double wrong :
                    new double[] {Math.nextDown(parameter.min()), Math.nextUp(parameter.max()), Double.NaN}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> DetectionSettings.of(Map.of(key, wrong)))
                        .withMessageContaining(key + " = " + wrong)
                        .withMessageContaining(parameter.unit());
            }
            assertThat(DetectionSettings.of(Map.of(key, parameter.min()))
                            .detectors()
                            .get(entry.id(), parameter))
                    .isEqualTo(parameter.min());
            assertThat(DetectionSettings.of(Map.of(key, parameter.max()))
                            .detectors()
                            .get(entry.id(), parameter))
                    .isEqualTo(parameter.max());
        }
    }

    @Test
    void namesEveryProblemOfTheSettingsAtOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        DetectionSettings.of(Map.of("loss-plateau.flat", 2.0, "loss-plateau.flatt", 0.1, "x", 1.0)))
                .withMessageContaining("loss-plateau.flat = 2.0")
                .withMessageContaining("loss-plateau.flatt: no such parameter")
                .withMessageContaining("x: no such parameter");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void worksAtTheEdgesOfEveryRange(boolean lowest) {
        Map<String, Double> edges = new HashMap<>();
        for (CatalogueEntry entry : entries()) {
            for (Parameter parameter : entry.parameters()) {
                edges.put(entry.id() + "." + parameter.name(), lowest ? parameter.min() : parameter.max());
            }
        }
        everyRun()
                .forEach(name -> assertThatCode(() -> WatchedRun.run(log(name), edges))
                        .as(name)
                        .doesNotThrowAnyException());
    }

    @ParameterizedTest
    @MethodSource("healthy")
    void pagesNobodyForAHealthyRun(String name) {
        WatchedRun run = WatchedRun.run(log(name));

        assertThat(run.alerts().stream()
                        .filter(alert -> alert.severity().isPaging())
                        .map(Alert::summary))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("faulty")
    void findsItsSickRunWithADeclaredSeverity(String detector) {
        WatchedRun run = WatchedRun.run(log(detector));
        CatalogueEntry entry = entries().stream()
                .filter(candidate -> candidate.id().equals(detector))
                .findFirst()
                .orElseThrow();

        boolean pages = entry.severities().stream().anyMatch(Severity::isPaging);
        assertThat(pages ? run.paging() : run.opened()).contains(detector);
        assertThat(run.of(detector)).extracting(Alert::severity).isSubsetOf(entry.severities());
        assertThat(run.first(detector).evidence()).isNotEmpty();
        assertThat(run.first(detector).summary()).endsWith(".");
        assertThat(run.first(detector).causes())
                .extracting(ProbableCause::code)
                .isNotEmpty()
                .doesNotContain(CauseCode.INSUFFICIENT_EVIDENCE.code());
    }

    @ParameterizedTest
    @MethodSource("everyRun")
    void saysTheSameForTheSameLog(String name) {
        WatchedRun once = WatchedRun.run(log(name));
        WatchedRun again = WatchedRun.run(log(name));

        assertThat(again.alerts()).isEqualTo(once.alerts());
        assertThat(codec.encode(again.state())).isEqualTo(codec.encode(once.state()));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 7, 64})
    void saysTheSameHoweverStepsAreBatched(int size) {
        // Silence is a matter of records, whatever they hold.
        everyRun().filter(name -> !name.equals("silent-run")).forEach(name -> {
            List<RunRecord> records = log(name).records();
            assertThat(WatchedRun.run(RunTransformations.batched(records, size)).alerts())
                    .as(name)
                    .isEqualTo(WatchedRun.run(records).alerts());
        });
    }

    /** Detectors live as long as the service and see all runs: nothing of one may stick to another. */
    @Test
    void keepsRunsApart() {
        RunWatch shared = new RunWatch(DetectionSettings.defaults());
        Map<String, List<Alert>> alerts = new TreeMap<>();
        Map<String, RunState> states = new TreeMap<>();
        Map<String, List<RunRecord>> logs = new TreeMap<>();
        everyRun().forEach(name -> {
            logs.put(name, log(name).records());
            alerts.put(name, new ArrayList<>());
            states.put(name, shared.newRun(log(name).records().get(0).runId()));
        });
        for (int i = 0; i < 1100; i++) {
            int at = i;
            logs.forEach((name, records) -> {
                if (at < records.size()) {
                    shared.apply(states.get(name), records.get(at), alerts.get(name)::add);
                }
            });
        }

        logs.forEach((name, records) -> assertThat(alerts.get(name))
                .as(name)
                .isEqualTo(WatchedRun.run(records).alerts()));
    }

    @ParameterizedTest
    @ValueSource(ints = {-10, -3, 4, 12})
    void theUnitOfTheLossChangesNoVerdict(int power) {
        // Without that reporter others tell the run's story.
        everyRun().filter(name -> !name.equals("majority-class-collapse")).forEach(name -> {
            List<RunRecord> records = log(name).records();
            assertThat(verdicts(WatchedRun.run(RunTransformations.scaled(records, Math.pow(2, power)))))
                    .as(name)
                    .isEqualTo(verdicts(WatchedRun.run(records)));
        });
    }

    private record Told(String detector, AlertState state, Object severity, Object at) {}

    private static List<Told> verdicts(WatchedRun run) {
        return run.alerts().stream()
                .filter(alert -> !NOT_SCALE_FREE.contains(alert.detector()))
                // Where the loss of guessing is known, standing at it is judged against that number.
                .filter(alert -> !alert.detector().equals("loss-plateau")
                        || Double.isNaN(run.state().chanceLoss()))
                .map(alert -> new Told(alert.detector(), alert.state(), alert.severity(), alert.updated()))
                .toList();
    }
}

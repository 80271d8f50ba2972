package dev.gradwatch.commands;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gradwatch.commands.options.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {

    private static final Path RUNS = Path.of("../recorded-runs/src/test/resources/recorded");
    private static final String ZERO = RUNS.resolve("zero-gradients.jsonl").toString();
    private static final String HEALTHY = RUNS.resolve("healthy.jsonl").toString();
    private static final String BROKEN = RUNS.resolve("broken.jsonl").toString();

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    @Test
    void explainsItselfWithoutACommand() {
        assertThat(run()).isEqualTo(ExitCode.OK);
        assertThat(out()).contains("Usage: gradwatch", "backtest", "replay", "Exit codes:", "Begin here:");
    }

    @Test
    void everyCommandSaysWhatItDoesAndWhatItsExitCodesMean() {
        for (CommandLine command : allCommands(Main.commandLine())) {
            var usage = command.getCommandSpec().usageMessage();
            String name = command.getCommandSpec().qualifiedName();
            assertThat(usage.description()).as(name).isNotEmpty();
            assertThat(usage.exitCodeList()).as(name).containsKeys("0", "2");
            command.getCommandSpec()
                    .options()
                    .forEach(option -> assertThat(option.description())
                            .as(name + " " + option.longestName())
                            .isNotEmpty());
            assertThat(run(helpFor(command))).as(name).isEqualTo(ExitCode.OK);
            assertThat(out().lines())
                    .as(name)
                    .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
        }
    }

    @Test
    void printsAnAlertWithItsCauseOnAtMost100PlainColumns() {
        assertThat(run("backtest", "--details", HEALTHY, ZERO)).isEqualTo(ExitCode.OK);

        assertThat(out()).contains("no alerts  digits mlp", "CRITICAL   digits-dead", "b CRITICAL  zero-gradients");
        assertThat(out()).contains("Likely   ", "Do       ", "2 runs, ", "1 without an alert", "DETECTOR");
        assertThat(out()).doesNotContain("\u001B");
        assertThat(out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
        assertThat(err()).isEmpty();
    }

    @Test
    void drawsAndListsInAsciiWhenAskedTo() {
        assertThat(run("backtest", "--plain", HEALTHY, ZERO)).isEqualTo(ExitCode.OK);

        assertThat(out()).containsPattern("\\n  b CRITICAL  zero-gradients  +from step \\d+ .*\\(0\\.\\d\\d\\)");
        assertThat(out()).matches("[\\p{ASCII}]*").contains("training loss", "--details explains each alert");
        assertThat(run("backtest", "--plain", "--draw", "none", HEALTHY, ZERO)).isEqualTo(ExitCode.OK);
        assertThat(out()).doesNotContain("training loss");
    }

    @Test
    void comparesWithChangedSettings() throws Exception {
        assertThat(run("backtest", "--compare", ZERO)).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("--compare needs something to compare with: --set");
        assertThat(run("backtest", "--compare", "--draw", "all", "--set", "loss-plateau.flat=0.1", ZERO))
                .isEqualTo(ExitCode.USAGE);

        Path config = folder.resolve("other.properties");
        Files.writeString(config, "detectors.loss-plateau.flat = 0.1\n");
        assertThat(run("backtest", "--compare-config", config.toString(), ZERO)).isEqualTo(ExitCode.OK);
        assertThat(out()).contains("loss-plateau.flat = 0.1 instead of 0.03", "of 1 runs would say something else");
        assertThat(run("backtest", "-c", config.toString(), "--compare", "--set", "loss-plateau.flat=0.03", ZERO))
                .isEqualTo(ExitCode.OK);
        assertThat(out()).contains("loss-plateau.flat = 0.03 instead of 0.1");
        Files.writeString(config, "detectors.loss-plateau.flatt = 0.1\n");
        assertThat(run("backtest", "-c", config.toString(), ZERO)).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("loss-plateau.flatt");
    }

    @Test
    void printsOneValidJsonObjectAnAlert() throws Exception {
        assertThat(run(
                        "backtest",
                        "--json",
                        ZERO,
                        RUNS.resolve("non-finite.jsonl").toString()))
                .isEqualTo(ExitCode.OK);

        List<JsonNode> alerts = new ArrayList<>();
        for (String line : out().lines().toList()) {
            alerts.add(new ObjectMapper().readTree(line));
        }
        assertThat(alerts)
                .extracting(alert -> alert.get("detector").asText())
                .contains("zero-gradients", "non-finite-values");
        JsonNode zero = alerts.stream()
                .filter(alert -> alert.get("detector").asText().equals("zero-gradients"))
                .findFirst()
                .orElseThrow();
        assertThat(zero.get("run").asText()).isEqualTo("digits-dead");
        assertThat(zero.get("severity").asText()).isEqualTo("critical");
        assertThat(zero.get("opened_step").isIntegralNumber()).isTrue();
        assertThat(zero.get("opened_epoch").isNumber()).isTrue();
        assertThat(zero.get("causes").get(0).fieldNames())
                .toIterable()
                .containsExactly("code", "confidence", "for", "against", "remedy");
        assertThat(zero.fieldNames())
                .toIterable()
                .contains(
                        "attempt",
                        "id",
                        "state",
                        "resolved_step",
                        "resolved_epoch",
                        "evidence",
                        "summary",
                        "symptoms",
                        "stop_recommended",
                        "last_healthy_step",
                        "best_epoch");
        assertThat(err()).isEmpty();
    }

    @Test
    void namesUnreadableFilesReadsTheOthersAndSaysSoByItsExitCode() {
        assertThat(run("backtest", "--json", BROKEN, "nowhere.jsonl", ZERO)).isEqualTo(ExitCode.SOME_UNREADABLE);

        assertThat(out()).contains("digits-dead");
        assertThat(err())
                .contains(
                        BROKEN + ", line 4: train_loss must be a number", "found: low", "nowhere.jsonl: no such file");
    }

    @Test
    void readsFolders() throws Exception {
        Files.copy(Path.of(ZERO), folder.resolve("b.jsonl"));
        Files.copy(Path.of(HEALTHY), folder.resolve("a.jsonl"));

        assertThat(run("backtest", folder.toString())).isEqualTo(ExitCode.OK);

        assertThat(out().indexOf("digits mlp")).isBetween(0, out().indexOf("digits-dead"));
    }

    @Test
    void refusesParametersThatDoNotExistOrAreNoNumbers() {
        assertThat(run("backtest", "--set", "zero-gradients.colour=1", ZERO)).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("zero-gradients.colour: no such parameter");

        assertThat(run("backtest", "--set", "zero-gradients.colour=red", ZERO)).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("no such parameter");
        assertThat(run("backtest", "--set", "loss-plateau.flat=red", "--set", "loss-plateau.flat-late=7", ZERO))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("--set loss-plateau.flat=red: must be a number from 0.0001 to 0.5");
        assertThat(err().lines()).anyMatch(line -> line.startsWith("--set loss-plateau.flat-late=7: must be"));
    }

    @Test
    void suggestsTheCommandThatWasMeant() {
        assertThat(run("backtset", ZERO)).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("backtset", "Did you mean", "gradwatch backtest");
    }

    @Test
    void listsWhatIsWrongWithTheConfiguration() {
        assertThat(run("config", "--set", "http.prot=1")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("http.prot");
        assertThat(run("config", "--set", "http.port=9")).isEqualTo(ExitCode.OK);
        assertThat(out()).contains("http.port = 9");
        assertThat(out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @Test
    void describesTheTopologyWithoutConnecting() {
        assertThat(run("topology", "--topic-prefix", "staging")).isEqualTo(ExitCode.OK);
        assertThat(out()).contains("staging.training-events.v1", "run-state-store");
    }

    @Test
    void listsTheDetectorsForPeopleAndPrograms() throws Exception {
        assertThat(run("detectors")).isEqualTo(ExitCode.OK);
        assertThat(out()).contains("zero-gradients", "loss-plateau");
        assertThat(out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));

        assertThat(run("detectors", "loss-plateau")).isEqualTo(ExitCode.OK);
        assertThat(out()).contains("detectors.loss-plateau.flat = 0.03  (0.0001 to 0.5, share of the level)");
        assertThat(out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));

        assertThat(run("detectors", "--json", "loss-plateau")).isEqualTo(ExitCode.OK);
        assertThat(new ObjectMapper().readTree(out()).get("parameters").size()).isPositive();

        assertThat(run("detectors", "loss-platoo")).isEqualTo(ExitCode.USAGE);
    }

    private static List<CommandLine> allCommands(CommandLine root) {
        List<CommandLine> commands = new ArrayList<>(List.of(root));
        root.getSubcommands().values().forEach(sub -> commands.addAll(allCommands(sub)));
        return commands;
    }

    private static String[] helpFor(CommandLine command) {
        List<String> words =
                new ArrayList<>(List.of(command.getCommandSpec().qualifiedName().split(" ", -1)));
        words.remove(0);
        words.add("--help");
        return words.toArray(String[]::new);
    }

    private int run(String... args) {
        out.reset();
        err.reset();
        return Main.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                args);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}

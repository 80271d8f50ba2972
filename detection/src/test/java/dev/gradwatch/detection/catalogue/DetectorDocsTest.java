package dev.gradwatch.detection.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.Parameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds docs/detectors.md against the catalogue; {@code -Dgradwatch.docs.write=true} rewrites the tables in it. */
class DetectorDocsTest {

    private static final Path PAGE = Path.of("..", "docs", "detectors.md");
    private static final String BEGIN = "<!-- generated: %s -->\n";
    private static final String END = "<!-- end of generated -->";
    private static final Pattern README_ID = Pattern.compile("`([a-z-]+)`");
    private static final Pattern HEADING = Pattern.compile("(?m)^## `([^`]+)`$");

    private static final Pattern LINK = Pattern.compile("\\(#([a-z-]+)\\)");

    private String page;

    static List<CatalogueEntry> entries() {
        return Catalogue.entries();
    }

    @BeforeEach
    void readsThePage() throws IOException {
        page = Files.readString(PAGE);
        if (Boolean.getBoolean("gradwatch.docs.write")) {
            for (CatalogueEntry entry : entries()) {
                String begin = BEGIN.formatted(entry.id());
                int from = page.indexOf(begin);
                if (from >= 0) {
                    int to = page.indexOf(END, from);
                    page = page.substring(0, from) + begin + generated(entry) + page.substring(to);
                }
                page = page.replaceFirst("(?m)^\\| \\[`" + entry.id() + "`].*\n", Matcher.quoteReplacement(row(entry)));
            }
            Files.writeString(PAGE, page);
        }
    }

    @Test
    void hasOneSectionForEachDetectorInTheCataloguesOrder() {
        List<String> sections =
                HEADING.matcher(page).results().map(result -> result.group(1)).toList();

        assertThat(sections)
                .containsExactlyElementsOf(
                        entries().stream().map(CatalogueEntry::id).toList());
    }

    @Test
    void isLinkedFromAReadmeThatNamesOnlyDetectorsThatAreThere() throws IOException {
        String readme = Files.readString(Path.of("..", "README.md"));
        int from = readme.indexOf("## What it detects");
        List<String> named = README_ID
                .matcher(readme.substring(from, readme.indexOf("\n## ", from + 1)))
                .results()
                .map(result -> result.group(1))
                .toList();

        assertThat(named)
                .isNotEmpty()
                .isSubsetOf(entries().stream().map(CatalogueEntry::id).toList());
        assertThat(readme).contains("(docs/detectors.md)");
    }

    @Test
    void linksOnlyToDetectorsThatAreThere() {
        List<String> ids = entries().stream().map(CatalogueEntry::id).toList();

        assertThat(LINK.matcher(page).results().map(result -> result.group(1)).distinct())
                .isSubsetOf(ids);
    }

    @ParameterizedTest
    @MethodSource("entries")
    void tellsParametersAndPrecedenceAsTheCodeHasThem(CatalogueEntry entry) {
        assertThat(page)
                .as("docs/detectors.md is stale: run the tests of this module with -Dgradwatch.docs.write=true")
                .contains(BEGIN.formatted(entry.id()) + generated(entry) + END);
    }

    @ParameterizedTest
    @MethodSource("entries")
    void tellsSymptomEvidenceRuleAndFalseAlarms(CatalogueEntry entry) {
        String section = section(entry.id());

        for (String part :
                List.of("**Symptom.**", "**Evidence.**", "**Rule.**", "**Known false alarms.**", "```text")) {
            assertThat(section).as(entry.id()).contains(part);
        }
    }

    @ParameterizedTest
    @MethodSource("entries")
    void opensWithATableThatSaysWhatTheCatalogueSays(CatalogueEntry entry) {
        assertThat(page).contains("\n" + row(entry));
    }

    private static String row(CatalogueEntry entry) {
        return "| [`" + entry.id() + "`](#" + entry.id() + ") | " + entry.summary() + " |\n";
    }

    private String section(String id) {
        Matcher next = HEADING.matcher(page);
        int from = page.indexOf("## `" + id + "`");
        return next.find(from + 1) ? page.substring(from, next.start()) : page.substring(from);
    }

    private static String generated(CatalogueEntry entry) {
        StringBuilder text = new StringBuilder();
        text.append("\nSeverity: ")
                .append(entry.severities().stream()
                        .sorted()
                        .map(severity -> severity.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", ")))
                .append(". ");
        String stronger = entry.yieldsTo().stream()
                .sorted()
                .map(id -> "[`" + id + "`](#" + id + ")")
                .collect(Collectors.joining(", "));
        text.append(stronger.isEmpty() ? "Yields to no other detector.\n" : "Yields to " + stronger + ".\n");
        if (!entry.mutedIn().isEmpty()) {
            text.append("Silent in the profiles ")
                    .append(entry.mutedIn().stream()
                            .sorted()
                            .map(profile -> "`"
                                    + profile.name().toLowerCase(Locale.ROOT).replace('_', '-') + "`")
                            .collect(Collectors.joining(", ")))
                    .append(".\n");
        }
        text.append("\n| Parameter | Default | Range | Unit | What it does |\n|---|---|---|---|---|\n");
        for (Parameter p : entry.parameters()) {
            text.append("| `detectors.")
                    .append(entry.id())
                    .append('.')
                    .append(p.name())
                    .append("` | ");
            text.append(plain(p.defaultValue())).append(" | ");
            text.append(plain(p.min())).append(" to ").append(plain(p.max())).append(" | ");
            text.append(p.unit()).append(" | ").append(p.doc()).append(" |\n");
        }
        return text.append('\n').toString();
    }

    private static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}

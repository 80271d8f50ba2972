package dev.gradwatch.app.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The scenario files are written from {@link EpochLogs}, {@link LossShapes}, {@link StepLogs}, {@link Schedules} and
 * {@link Attempts} with {@code -Dgradwatch.golden.write=true}, and stay small enough to read.
 */
class ScenarioFilesTest {

    private static final int MOST_BYTES = 60_000;

    private static final Path QUESTIONS = Scenario.FOLDER.resolve("open-questions");

    @Test
    @EnabledIfSystemProperty(named = "gradwatch.golden.write", matches = "true")
    void writesTheFiles() throws IOException {
        Files.createDirectories(QUESTIONS);
        for (Path old : found()) {
            Files.delete(old);
        }
        for (RunFile file : files()) {
            byte[] text = file.text().getBytes(StandardCharsets.UTF_8);
            if (text.length > MOST_BYTES) {
                try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(path(file, ".jsonl.gz")))) {
                    out.write(text);
                }
            } else {
                Files.write(path(file, ".jsonl"), text);
            }
        }
    }

    @Test
    @DisabledIfSystemProperty(named = "gradwatch.golden.write", matches = "true")
    void holdsWhatIsWrittenFromCode() throws IOException {
        for (RunFile file : files()) {
            Path plain = path(file, ".jsonl");
            Path path = Files.exists(plain) ? plain : path(file, ".jsonl.gz");
            assertThat(Scenario.text(path)).as(path.toString()).isEqualTo(file.text());
            assertThat(Files.size(path)).as(path.toString()).isLessThanOrEqualTo(MOST_BYTES);
        }
        assertThat(found()).hasSameSizeAs(files());
    }

    private static List<Path> found() throws IOException {
        try (Stream<Path> found = Files.walk(Scenario.FOLDER)) {
            return found.filter(Files::isRegularFile).toList();
        }
    }

    private static Path path(RunFile file, String ending) {
        return (file.isOpenQuestion() ? QUESTIONS : Scenario.FOLDER).resolve(file.name() + ending);
    }

    private static List<RunFile> files() {
        return Stream.of(EpochLogs.all(), LossShapes.all(), StepLogs.all(), Schedules.all(), Attempts.all())
                .flatMap(List::stream)
                .toList();
    }
}

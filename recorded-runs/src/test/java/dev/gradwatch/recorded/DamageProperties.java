package dev.gradwatch.recorded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.recorded.log.RecordedRunException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Every kind of log, cut and garbled anywhere: it is a run, or a message that a person understands. */
class DamageProperties {

    private static final String INSIDES =
            "(?s).*(REDACTED|StreamReadFeature|JsonRead|jackson|Exception|java\\.|null).*";

    private static Path folder;

    @BeforeContainer
    static void makeFolder() throws IOException {
        folder = Files.createTempDirectory("damaged");
    }

    @AfterContainer
    static void removeFolder() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    @Provide
    Arbitrary<Path> logs() throws IOException {
        try (Stream<Path> others = Files.walk(OtherLogsTest.LOGS);
                Stream<Path> frameworks = Files.walk(FrameworkLogsTest.LOGS)) {
            List<Path> all = Stream.concat(others, frameworks)
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
            return Arbitraries.of(all);
        }
    }

    @Property(tries = 1500)
    void isARunOrAClearMessage(@ForAll("logs") Path log, @ForAll long seed) throws IOException {
        Random random = new Random(seed);
        byte[] bytes = Files.readAllBytes(log);
        int length = random.nextBoolean() ? bytes.length : random.nextInt(bytes.length);
        byte[] damaged = java.util.Arrays.copyOf(bytes, length);
        for (int i = random.nextInt(8); i > 0 && length > 0; i--) {
            damaged[random.nextInt(length)] = (byte) random.nextInt();
        }
        Path file = folder.resolve(log.getFileName());
        Files.write(file, damaged);

        try (RecordedRun run = RecordedRuns.open(file)) {
            while (run.next() != null) {
                // Only to see that it can be read.
            }
        } catch (RecordedRunException e) {
            String said = e.reason();
            assertThat(said).as("%s", log).isNotBlank().doesNotMatch(INSIDES);
        }
    }
}

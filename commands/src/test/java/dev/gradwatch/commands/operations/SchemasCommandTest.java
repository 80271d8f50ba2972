package dev.gradwatch.commands.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.cluster.EmbeddedRegistry;
import dev.gradwatch.commands.Main;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.wire.ConfluentSchemaRegistry;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemasCommandTest {

    @TempDir
    private Path folder;

    private EmbeddedRegistry registry;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void startRegistry() {
        registry = EmbeddedRegistry.start(folder.resolve("registry.json"), 0);
    }

    @AfterEach
    void stopRegistry() {
        registry.close();
    }

    @Test
    void registersEverySchemaOnceAndKeepsItsId() {
        assertThat(run("register")).isEqualTo(ExitCode.OK);
        String first = out.toString(StandardCharsets.UTF_8);
        assertThat(first).contains("training-events.v1-value  TrainingEvent  id ", "Alert  id ", "RunStatus  id ");

        out.reset();
        assertThat(run("register")).isEqualTo(ExitCode.OK);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(first);

        out.reset();
        assertThat(run("check")).isEqualTo(ExitCode.OK);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(first);
    }

    @Test
    void letsNoSchemaChangeInAWayThatOldOrNewReadersCannotFollow() {
        String subject = "gradwatch.training-events.v1-value";
        try (ConfluentSchemaRegistry client = new ConfluentSchemaRegistry(List.of(registry.url()), Map.of())) {
            assertThat(run("register")).isEqualTo(ExitCode.OK);

            assertThat(client.compatibility(subject)).contains("FULL_TRANSITIVE");
        }
    }

    @Test
    void namesTheSchemaThatIsMissing() {
        assertThat(run("check")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("gradwatch.training-events.v1-value");
    }

    private int run(String command) {
        return Main.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                "schemas",
                command,
                "--registry",
                registry.url());
    }
}

package dev.gradwatch.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RecordRunCommandTest {

    private static final Path EXAMPLES = Path.of("..", "examples", "runs");

    @TempDir
    private Path folder;

    @Test
    void makesTheExampleRunsAgainToTheLastDigit() throws IOException {
        assertThat(record("digits-mlp", "healthy-digits.jsonl", 9))
                .hasSameTextualContentAs(EXAMPLES.resolve("healthy-digits.jsonl"));
        assertThat(record("energy-load-rate-10", "learning-rate-10.jsonl", 6))
                .hasSameTextualContentAs(EXAMPLES.resolve("learning-rate-10.jsonl"));
    }

    @Test
    void writesNumbersThatJsonDoesNotKnowAsText() throws IOException {
        assertThat(Files.readString(record("energy-load-rate-10", "nan.jsonl", 1)))
                .contains("\"loss\":\"NaN\"");
    }

    @Test
    void namesTheRunsThereAreWhenAskedForAnother() {
        assertThat(new CommandLine(new RecordRunCommand())
                        .setErr(new java.io.PrintWriter(java.io.Writer.nullWriter()))
                        .execute("nonsense", folder.resolve("x").toString()))
                .isEqualTo(2);
    }

    private Path record(String name, String file, int epochs) {
        Path written = folder.resolve(file);
        int code = new CommandLine(new RecordRunCommand())
                .setOut(new java.io.PrintWriter(java.io.Writer.nullWriter()))
                .execute(name, written.toString(), "--epochs", Integer.toString(epochs));
        assertThat(code).isZero();
        return written;
    }
}

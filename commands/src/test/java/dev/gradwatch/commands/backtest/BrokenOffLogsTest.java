package dev.gradwatch.commands.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.commands.Main;
import dev.gradwatch.commands.options.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs whose program was killed while it wrote. */
class BrokenOffLogsTest {

    private static final Path LOGS = Path.of("../recorded-runs/src/test/resources/recorded/frameworks");

    @TempDir
    private Path folder;

    @Test
    void backtestUsesWhatCameBefore() throws Exception {
        cut("keras-csvlogger.csv");
        cut("torch-steps/events.out.tfevents.1760000000.host.1.0");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        int code = Main.run(printer(out), printer(err), "backtest", folder.toString());

        assertThat(code).isEqualTo(ExitCode.SOME_UNREADABLE);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("keras-csvlogger", "4 records", "torch-steps", "2 runs");
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains(
                        "keras-csvlogger.csv, line 6: the last line has no line end",
                        "the file ends in the middle of the record at byte ");
    }

    private void cut(String name) throws IOException {
        byte[] whole = Files.readAllBytes(LOGS.resolve(name));
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, Arrays.copyOf(whole, whole.length - 5));
    }

    private static PrintStream printer(ByteArrayOutputStream into) {
        return new PrintStream(into, true, StandardCharsets.UTF_8);
    }
}

package dev.gradwatch.benchmarks;

import dev.gradwatch.commands.Main;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes one long recorded run of step records and backtests it, as a user would: the report itself says how fast that was. */
@Command(
        name = "backtest",
        description =
                "Records a second that a backtest reads, watches and draws; pin it with 'taskset -c 0' for one processor.")
final class Backtest implements Callable<Integer> {

    @Option(
            names = "--records",
            defaultValue = "2000000",
            description = "Length of the run. Default: ${DEFAULT-VALUE}.")
    private int records;

    @Override
    public Integer call() throws IOException {
        Path file = Files.createTempFile("gradwatch-backtest", ".jsonl");
        try {
            write(file);
            return Main.run(System.out, System.err, "backtest", file.toString());
        } finally {
            Files.delete(file);
        }
    }

    private void write(Path file) throws IOException {
        Random random = new Random(1);
        try (BufferedWriter lines = Files.newBufferedWriter(file, StandardCharsets.US_ASCII)) {
            lines.write(
                    "{\"trace\": \"long\", \"run\": {\"loss\": \"cross_entropy\", \"classes\": 10, \"optimizer\": \"adam\","
                            + " \"learning_rate\": 0.001}}\n");
            for (int step = 0; step < records; step++) {
                double loss = 0.2 + 2.1 / (1 + step / 30000.0) + 0.03 * random.nextGaussian();
                lines.write(String.format(
                        Locale.ROOT,
                        "{\"type\": \"step\", \"step\": %d, \"epoch\": %.4f, \"loss\": %.5f, \"grad_norm\": %.4f, \"lr\": 0.001}%n",
                        step,
                        step / 2000.0,
                        loss,
                        1 + 0.2 * random.nextDouble()));
            }
        }
    }
}

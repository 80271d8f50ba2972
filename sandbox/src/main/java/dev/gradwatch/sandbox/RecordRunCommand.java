package dev.gradwatch.sandbox;

import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.sandbox.fleet.FleetPlan;
import dev.gradwatch.sandbox.fleet.PlannedRun;
import dev.gradwatch.sandbox.fleet.RunPlay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains one run of the sandbox's fleet, as fast as it goes, and keeps what it said in a file. */
@Command(
        name = "record-run",
        hidden = true,
        exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_FAILED, ExitCode.DOC_USAGE},
        description = "Trains one run of the sandbox's fleet and writes it to a file as a recorded run.")
public final class RecordRunCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "NAME", description = "Which run of the fleet, such as digits-mlp.")
    private String name;

    @Parameters(index = "1", paramLabel = "FILE", description = "Where to write it, such as digits.jsonl.")
    private Path file;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Stop after so many epochs; default: all of the first attempt.")
    private int epochs = Integer.MAX_VALUE;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Where the random numbers start. Default: ${DEFAULT-VALUE}.",
            defaultValue = "1")
    private long seed;

    @Override
    public Integer call() throws IOException {
        PlannedRun run;
        try {
            run = new FleetPlan(seed).run(name);
        } catch (IllegalArgumentException unknown) {
            throw new ParameterException(spec.commandLine(), unknown.getMessage());
        }
        List<RunRecord> said = new ArrayList<>();
        RunPlay play = new RunPlay(run);
        long[] completed = {0};
        while (!play.ended() && !play.silent() && completed[0] < epochs && !finished(said)) {
            play.advance(0, record -> {
                said.add(record);
                if (record.event() instanceof EpochCompleted) {
                    completed[0]++;
                }
            });
        }
        List<RunRecord> first =
                said.stream().filter(record -> record.attempt() == 1).toList();
        String trace = file.getFileName().toString().replaceFirst("\\.jsonl$", "");
        Files.writeString(file, RecordedRunWriter.write(trace, run.story(), first));
        spec.commandLine().getOut().printf("%s: %,d records of run %s, seed %d%n", file, first.size() - 1, name, seed);
        spec.commandLine().getOut().flush();
        return 0;
    }

    private static boolean finished(List<RunRecord> said) {
        return said.stream().anyMatch(record -> record.event() instanceof RunFinished);
    }
}

package dev.gradwatch.commands.operations;

import dev.gradwatch.app.service.LocalReset;
import dev.gradwatch.commands.options.ConfigOptions;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.commands.terminal.Output;
import dev.gradwatch.commands.terminal.Style;
import dev.gradwatch.commands.terminal.TerminalText;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Forgets local state and committed offsets, after saying what goes. */
@Command(
        name = "reset",
        description = {
            "Forget what the service knows, so that it reads the event topic again from its beginning.",
            "Says first what goes, and asks. Topics with events, alerts and status stay."
        },
        exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_FAILED, ExitCode.DOC_USAGE},
        footer = {
            "",
            "Examples:",
            "  gradwatch reset           shows what goes, asks, does it",
            "  gradwatch reset --yes     without asking",
            "",
            "Stop every instance of the service first."
        })
public final class ResetCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Option(
            names = {"-y", "--yes"},
            description = "Do it without asking.")
    private boolean yes;

    @Override
    public Integer call() throws IOException {
        Output output = Output.of(spec);
        try (LocalReset reset = new LocalReset(config.load())) {
            LocalReset.Plan plan = reset.plan();
            if (plan.items().isEmpty() && plan.obstacles().isEmpty()) {
                output.out().println("Nothing to forget.");
                return ExitCode.OK;
            }
            output.out().println("This goes:");
            plan.items()
                    .forEach(item -> output.out()
                            .println(TerminalText.of("  " + item.kind() + "  " + item.name() + "  " + item.detail())));
            output.out().flush();
            if (!plan.obstacles().isEmpty()) {
                plan.obstacles().forEach(output::say);
                return ExitCode.FAILED;
            }
            if (!yes && !confirmed(output)) {
                output.say("Nothing was changed. --yes does it without asking.");
                return ExitCode.FAILED;
            }
            reset.execute(plan);
            output.out().println("Done.");
            return ExitCode.OK;
        }
    }

    /** Only a person at a terminal can say yes. */
    private static boolean confirmed(Output output) throws IOException {
        if (!Style.isTerminal("in")) {
            return false;
        }
        output.out().print("Do it? [y/N] ");
        output.out().flush();
        String answer = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        return answer != null && answer.trim().toLowerCase(Locale.ROOT).startsWith("y");
    }
}

package dev.gradwatch.commands;

import dev.gradwatch.app.service.config.ConfigurationException;
import dev.gradwatch.commands.alerts.AlertsCommand;
import dev.gradwatch.commands.backtest.BacktestCommand;
import dev.gradwatch.commands.operations.ConfigCommand;
import dev.gradwatch.commands.operations.DetectorsCommand;
import dev.gradwatch.commands.operations.ResetCommand;
import dev.gradwatch.commands.operations.ResumeCommand;
import dev.gradwatch.commands.operations.RunCommand;
import dev.gradwatch.commands.operations.SchemasCommand;
import dev.gradwatch.commands.operations.TopicsCommand;
import dev.gradwatch.commands.operations.TopologyCommand;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.commands.publish.FollowCommand;
import dev.gradwatch.commands.publish.ReplayCommand;
import dev.gradwatch.commands.runs.RunsCommand;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.Style;
import dev.gradwatch.commands.terminal.TerminalText;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: every command, what goes wrong in them, and the exit code. */
public final class Main {

    private static final String STACK_TRACE = "GRADWATCH_STACKTRACE";

    private Main() {}

    public static void main(String[] args) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        int code = run(out, err, args);
        out.flush();
        System.exit(code);
    }

    /** Runs one command and returns its exit code; {@code main} without the end of the process. */
    public static int run(PrintStream out, PrintStream err, String... args) {
        CommandLine command = commandLine();
        PrintWriter results = new PrintWriter(out, false, StandardCharsets.UTF_8);
        command.setOut(results).setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        int code = command.execute(args);
        results.flush();
        return code;
    }

    /** The whole command tree, with the commands that other modules bring. */
    static CommandLine commandLine() {
        CommandLine command = new CommandLine(new Gradwatch());
        for (Object own : ownCommands()) {
            command.addSubcommand(own);
        }
        ServiceLoader.load(CommandProvider.class).forEach(provider -> command.addSubcommand(provider.command()));
        prepare(command);
        command.setColorScheme(
                CommandLine.Help.defaultColorScheme(Style.ofStandardOutput() == Style.COLOURED ? Ansi.ON : Ansi.OFF));
        command.setCaseInsensitiveEnumValuesAllowed(true);
        command.setParameterExceptionHandler(Main::explainUsage);
        command.setExecutionExceptionHandler((problem, at, parsed) -> explain(problem, at));
        return command;
    }

    private static List<Object> ownCommands() {
        List<Object> commands = new ArrayList<>();
        commands.add(new RunCommand());
        commands.add(new ReplayCommand());
        commands.add(new FollowCommand());
        commands.add(new BacktestCommand());
        commands.add(new AlertsCommand());
        commands.add(new RunsCommand());
        commands.add(new DetectorsCommand());
        commands.add(new TopicsCommand());
        commands.add(new SchemasCommand());
        commands.add(new TopologyCommand());
        commands.add(new ConfigCommand());
        commands.add(new ResetCommand());
        commands.add(new ResumeCommand());
        return commands;
    }

    private static void prepare(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        spec.addMixin("help", CommandSpec.forAnnotatedObject(new HelpOption()));
        spec.usageMessage()
                .width(PageFormat.USUAL_WIDTH)
                .synopsisHeading("Usage: ")
                .descriptionHeading("%n")
                .parameterListHeading("%n")
                .optionListHeading("%n")
                .commandListHeading("%nCommands:%n")
                .exitCodeListHeading("%nExit codes:%n")
                .sortOptions(false);
        command.getSubcommands().values().forEach(Main::prepare);
    }

    private static int explainUsage(ParameterException problem, String[] args) {
        CommandLine at = problem.getCommandLine();
        PrintWriter err = at.getErr();
        String.valueOf(problem.getMessage())
                .lines()
                .flatMap(line -> TerminalText.wrap(TerminalText.of(line), PageFormat.USUAL_WIDTH).stream())
                .forEach(err::println);
        UnmatchedArgumentException.printSuggestions(problem, err);
        err.println("See '" + at.getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return ExitCode.USAGE;
    }

    private static int explain(Exception problem, CommandLine at) {
        PrintWriter err = at.getErr();
        if (System.getenv(STACK_TRACE) != null) {
            problem.printStackTrace(err);
        }
        if (problem instanceof ConfigurationException) {
            err.println(problem.getMessage());
            err.flush();
            return ExitCode.USAGE;
        }
        if (problem instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            return 130;
        }
        err.println("gradwatch: " + TerminalText.of(reason(problem)));
        err.flush();
        return ExitCode.FAILED;
    }

    /** The problem in words for people: ours say all there is, others are named with what they are about. */
    private static String reason(Throwable problem) {
        if (problem instanceof UncheckedIOException && problem.getCause() != null) {
            return reason(problem.getCause());
        }
        if (problem instanceof NoSuchFileException missing) {
            return missing.getFile() + ": there is no such file";
        }
        if (problem instanceof AccessDeniedException denied) {
            return denied.getFile() + ": may not be read or written";
        }
        if (problem.getMessage() == null) {
            return "something failed inside, and that is a fault of Gradwatch; with " + STACK_TRACE
                    + "=1 in the environment it says where";
        }
        return problem.getMessage();
    }

    @Command(
            name = "gradwatch",
            description = {
                "Watches training runs through Kafka: says which run goes wrong, why that probably is, and what to do about it."
            },
            subcommandsRepeatable = false,
            exitCodeList = {
                ExitCode.DOC_OK,
                ExitCode.DOC_FAILED,
                ExitCode.DOC_USAGE,
                ExitCode.DOC_UNREADABLE,
                ExitCode.DOC_INTERRUPTED
            },
            footer = {
                "",
                "Begin here:",
                "  gradwatch sandbox                  everything on this machine, with a simulated fleet",
                "  gradwatch backtest runs/*.jsonl    what the detectors say of runs you have recorded",
                "  gradwatch replay runs/a.jsonl      publish a recorded run to Kafka",
                "  gradwatch follow logs/             watch the logs that training jobs write now",
                "",
                "'gradwatch COMMAND --help' explains a command. GRADWATCH_STACKTRACE=1 shows where an error is from."
            })
    private static final class Gradwatch implements Runnable {
        @Spec
        private CommandSpec spec;

        @Override
        public void run() {
            spec.commandLine().usage(spec.commandLine().getOut());
        }
    }
}

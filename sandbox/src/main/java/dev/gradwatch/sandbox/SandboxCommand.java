package dev.gradwatch.sandbox;

import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.commands.terminal.Style;
import dev.gradwatch.sandbox.fleet.FleetPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The whole system on this machine. */
@Command(
        name = "sandbox",
        description = {
            "Run everything on this machine and watch alerts fire: a Kafka broker, a schema registry, the service and a fleet of small"
                    + " training runs, sound ones and faulty ones.",
            "Needs no Docker and opens ports on loopback only. The models really train, so that every alert is earned."
        },
        exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_FAILED, ExitCode.DOC_USAGE, ExitCode.DOC_INTERRUPTED},
        footer = {
            "",
            "Examples:",
            "  gradwatch sandbox                      until Ctrl-C",
            "  gradwatch sandbox --for 60s --fresh    a minute, from nothing, with a summary",
            "  gradwatch sandbox --with-examples      Keras trainings, too, through the Python publisher",
            "  gradwatch replay --config .gradwatch/sandbox/gradwatch.properties run.jsonl",
            "                                         a recorded run of your own, into the running sandbox"
        })
public final class SandboxCommand implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(SandboxCommand.class);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(30);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = TimeSpan.class,
            description = "End by itself after so long, such as 60s or 5m, with a summary.")
    private Duration length;

    @Option(names = "--fresh", description = "Delete what earlier starts kept in the folder.")
    private boolean fresh;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = ".gradwatch/sandbox",
            description = "Folder for broker, state and log. Default: ${DEFAULT-VALUE}.")
    private Path folder;

    @Option(
            names = "--fleet",
            paramLabel = "N",
            description = "How many runs train at a time, 0 to 200; 0 to have only your own. Default: the whole cast.")
    private Integer size;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Where the fleet's random numbers start. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--with-examples",
            description =
                    "Also train a few of examples/articles in Python, where Python and Keras are there: GRADWATCH_PYTHON,"
                            + " else .gradwatch/venv, else python3.")
    private boolean examples;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print no alerts, only addresses and the summary.")
    private boolean quiet;

    @Override
    public Integer call() throws InterruptedException {
        int runs = size == null ? FleetPlan.CAST : size;
        if (runs < 0 || runs > 200) {
            throw new ParameterException(spec.commandLine(), "--fleet " + runs + ": expected 0 to 200 runs");
        }
        Screen screen = new Screen(spec.commandLine().getOut(), Style.ofStandardOutput(), isTerminal());
        SandboxScreen shown = new SandboxScreen(screen, quiet);
        Sandbox sandbox = new Sandbox(new SandboxOptions(folder, fresh, length, runs, seed, examples), shown);
        CountDownLatch over = new CountDownLatch(1);
        Thread onInterrupt = new Thread(() -> stopInOrder(sandbox, over), "sandbox-stop");
        Runtime.getRuntime().addShutdownHook(onInterrupt);
        try {
            shown.end(sandbox.run());
            return ExitCode.OK;
        } catch (SandboxException | dev.gradwatch.cluster.ClusterStartException e) {
            spec.commandLine().getErr().println("gradwatch: " + e.getMessage());
            spec.commandLine().getErr().flush();
            return ExitCode.FAILED;
        } finally {
            over.countDown();
            forget(onInterrupt);
        }
    }

    /** Runs while the process ends: it goes on when this returns. */
    private static void stopInOrder(Sandbox sandbox, CountDownLatch over) {
        sandbox.stop();
        try {
            if (!over.await(LONGEST_STOP.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("The sandbox did not stop within {} s", LONGEST_STOP.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void forget(Thread onInterrupt) {
        try {
            Runtime.getRuntime().removeShutdownHook(onInterrupt);
        } catch (IllegalStateException alreadyEnding) {
            // The hook is what ended us.
        }
    }

    private static boolean isTerminal() {
        String told = System.getProperty("gradwatch.terminals");
        boolean dumb = "dumb".equals(System.getenv("TERM"));
        return !dumb && told != null && told.contains("out");
    }

    /** A length of time as people write it. */
    static final class TimeSpan implements ITypeConverter<Duration> {
        private static final Pattern SHAPE = Pattern.compile("(\\d{1,6})(ms|s|m|h)");

        @Override
        public Duration convert(String text) {
            Matcher shape = SHAPE.matcher(text);
            if (!shape.matches() || Long.parseLong(shape.group(1)) == 0) {
                throw new TypeConversionException("'" + text + "' is no length of time; write 60s, 5m or 1h");
            }
            long count = Long.parseLong(shape.group(1));
            return switch (shape.group(2)) {
                case "ms" -> Duration.ofMillis(count);
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                default -> Duration.ofHours(count);
            };
        }
    }
}

package dev.gradwatch.commands.publish;

import dev.gradwatch.app.service.brokers.EventPublisher;
import dev.gradwatch.app.service.config.DurationText;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.commands.options.ConfigOptions;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.commands.options.LogOptions;
import dev.gradwatch.commands.options.RegistrationOptions;
import dev.gradwatch.commands.terminal.Output;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.recorded.FoundRun;
import dev.gradwatch.recorded.follow.EventOutlet;
import dev.gradwatch.recorded.follow.FollowListener;
import dev.gradwatch.recorded.follow.FollowOptions;
import dev.gradwatch.recorded.follow.FollowState;
import dev.gradwatch.recorded.follow.Follower;
import dev.gradwatch.recorded.follow.TailPosition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Logs of training jobs into Kafka while they are written, without a change to the jobs. */
@Command(
        name = "follow",
        description = {
            "Publish what training jobs write into their logs, while they write it.",
            "Follows files, and folders in which runs come and go: TensorBoard event files, Keras' and Lightning's CSV"
                    + " logs, Hugging Face's trainer_state.json, JSON Lines. Goes on after a restart where it was. Ends"
                    + " with Ctrl-C."
        },
        exitCodeList = {
            ExitCode.DOC_OK,
            ExitCode.DOC_FAILED,
            ExitCode.DOC_USAGE,
            ExitCode.DOC_UNREADABLE,
            ExitCode.DOC_INTERRUPTED
        },
        footer = {
            "",
            "Examples:",
            "  gradwatch follow logs/ --team vision             all runs below logs/, now and later",
            "  gradwatch follow out/ --classes 2                one Hugging Face training, by its checkpoints",
            "  gradwatch follow --once logs/                    what is there, then end",
            "  gradwatch follow logs/ --exclude '**/debug/**'   not these",
            "",
            "A run's id is its path below the folder, unless its log names it."
        })
public final class FollowCommand implements Callable<Integer> {

    private static final Duration SETTLE = Duration.ofSeconds(5);
    private static final long GRACE_SECONDS = 10;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Mixin
    private RegistrationOptions registration = new RegistrationOptions();

    @Option(names = "--id-prefix", paramLabel = "TEXT", defaultValue = "", description = "Put before every run id.")
    private String idPrefix;

    @Option(
            names = "--include",
            paramLabel = "GLOB",
            description = "Only files whose path matches, such as '**/metrics.csv'. May be repeated.")
    private List<String> include = new ArrayList<>();

    @Option(names = "--exclude", paramLabel = "GLOB", description = "No files whose path matches. May be repeated.")
    private List<String> exclude = new ArrayList<>();

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            defaultValue = "1s",
            converter = Time.class,
            description = "How often to look. Default: ${DEFAULT-VALUE}.")
    private Duration interval;

    @Option(
            names = "--ignore-older",
            paramLabel = "TIME",
            defaultValue = "1d",
            converter = Time.class,
            description =
                    "Leave logs alone that were last written longer ago, until they change. Default: ${DEFAULT-VALUE}.")
    private Duration ignoreOlder;

    @Option(
            names = "--finished-after",
            paramLabel = "TIME",
            converter = Time.class,
            description = "Say that a run ended when its log did not change for so long. Default: never; the service"
                    + " tells of silent runs.")
    private Duration finishedAfter;

    @Option(names = "--once", description = "Publish what is there, of whatever age, and end.")
    private boolean once;

    @Option(
            names = "--state",
            paramLabel = "FILE",
            description = "Where to keep how far it came. Default: a file for these paths and this cluster in"
                    + " .gradwatch/follow/.")
    private Path stateFile;

    @Mixin
    private LogOptions logs = new LogOptions();

    @Option(
            names = "--expect-end",
            description =
                    "The logs say when a run ends, so that silence without an end is a fault. Default: silence is a"
                            + " note, since most logs just end.")
    private boolean expectEnd;

    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Log files, or folders of them.")
    private List<Path> paths = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        registration.check(spec);
        GradwatchConfig effective = config.load();
        FollowOptions options = new FollowOptions(
                paths,
                wanted(),
                idPrefix,
                this::completed,
                logs.readOptions(),
                interval,
                SETTLE,
                finishedAfter,
                once ? null : ignoreOlder,
                once);
        Output output = Output.of(spec);
        Thread following = Thread.currentThread();
        CountDownLatch ended = new CountDownLatch(1);
        try (EventPublisher publisher = new EventPublisher(effective, "follow", output::say);
                FollowState state = FollowState.open(stateFile(effective, publisher.awaitCluster(true)))) {
            Report report = new Report(output);
            Follower follower = new Follower(options, outlet(publisher), state, report, Clock.systemUTC());
            Thread stopper = new Thread(() -> stop(follower, following, ended), "gradwatch-follow-stop");
            Runtime.getRuntime().addShutdownHook(stopper);
            if (!once) {
                output.say("follow: looking at " + shown(paths) + "; Ctrl-C ends");
            }
            try {
                follower.run();
            } finally {
                report.summary(follower, effective.topics().trainingEvents());
                ended.countDown();
                removeHook(stopper);
            }
            return report.troubles > 0 && once ? ExitCode.SOME_UNREADABLE : ExitCode.OK;
        }
    }

    /** Most logs do not say that they end: then the service is not to take silence for an outage. */
    private RunStarted completed(Path place, RunStarted said) {
        RunStarted complete = registration.complete(place, said);
        return expectEnd ? complete : complete.withoutAnnouncedEnd();
    }

    private static EventOutlet outlet(EventPublisher publisher) {
        return new EventOutlet() {
            @Override
            public void publish(RunRecord record) throws InterruptedException {
                publisher.publish(record);
            }

            @Override
            public void awaitDelivered() throws InterruptedException {
                publisher.awaitDelivered();
            }
        };
    }

    private static void stop(Follower follower, Thread following, CountDownLatch ended) {
        follower.stop();
        try {
            if (!ended.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
                // It waits for a broker, who may never come back.
                following.interrupt();
                ended.await(GRACE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void removeHook(Thread stopper) {
        try {
            Runtime.getRuntime().removeShutdownHook(stopper);
        } catch (IllegalStateException e) {
            // It runs already: that is why we are here.
        }
    }

    private Path stateFile(GradwatchConfig effective, String cluster) {
        if (stateFile != null) {
            return stateFile;
        }
        StringBuilder what = new StringBuilder(cluster)
                .append('\n')
                .append(effective.topics().trainingEvents());
        for (Path path : paths) {
            what.append('\n').append(path.toAbsolutePath().normalize());
        }
        CRC32C checksum = new CRC32C();
        checksum.update(what.append('\n').append(idPrefix).toString().getBytes(StandardCharsets.UTF_8));
        String name = String.valueOf(paths.get(0).toAbsolutePath().normalize().getFileName())
                .replaceAll("[^A-Za-z0-9._-]", "_");
        return Path.of(".gradwatch", "follow", name + "-" + Long.toHexString(checksum.getValue()) + ".json");
    }

    private Predicate<Path> wanted() {
        List<Predicate<Path>> in = include.stream().map(this::matching).toList();
        List<Predicate<Path>> out = exclude.stream().map(this::matching).toList();
        return path -> (in.isEmpty() || in.stream().anyMatch(glob -> glob.test(path)))
                && out.stream().noneMatch(glob -> glob.test(path));
    }

    /** A pattern without a slash is about file names, any other about the absolute path. */
    private Predicate<Path> matching(String glob) {
        try {
            PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
            return glob.contains("/")
                    ? path -> matcher.matches(path.toAbsolutePath().normalize()) || matcher.matches(path)
                    : path -> matcher.matches(path.getFileName());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "'" + glob + "' is no pattern for paths", e);
        }
    }

    private static String shown(List<Path> paths) {
        return paths.size() == 1 ? paths.get(0).toString() : paths.size() + " paths";
    }

    /** Durations as the configuration takes them. */
    static final class Time implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            Duration time = DurationText.parse(value);
            if (time.isZero() || time.isNegative()) {
                throw new IllegalArgumentException("must be longer than nothing");
            }
            return time;
        }
    }

    /** Tells people what happens: a line for a run that begins or ends, and one for what goes wrong. */
    private static final class Report implements FollowListener {
        private final Output output;
        private final long begun = System.nanoTime();
        private int troubles;

        Report(Output output) {
            this.output = output;
        }

        @Override
        public void began(FoundRun found, TailPosition kept, boolean goesOn) {
            output.say("follow: " + kept.runId() + (goesOn ? " goes on" : " begins") + "  (" + found.place() + ")");
        }

        @Override
        public void ended(FoundRun found, TailPosition kept) {
            output.say(String.format(
                    Locale.ROOT,
                    "follow: %s ended, attempt %d, %,d events",
                    kept.runId(),
                    kept.attempt(),
                    kept.events()));
        }

        @Override
        public void trouble(String message) {
            troubles++;
            output.say("follow: " + message);
        }

        void summary(Follower follower, String topic) {
            output.say(String.format(
                    Locale.ROOT,
                    "follow: published %,d events of %d run%s to %s in %.0f s",
                    follower.published(),
                    follower.runsPublished(),
                    follower.runsPublished() == 1 ? "" : "s",
                    topic,
                    (System.nanoTime() - begun) / 1e9));
        }
    }
}

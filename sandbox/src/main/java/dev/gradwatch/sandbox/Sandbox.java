package dev.gradwatch.sandbox;

import dev.gradwatch.app.service.GradwatchService;
import dev.gradwatch.app.service.Termination;
import dev.gradwatch.app.service.TopicsAdmin;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.cluster.EmbeddedBroker;
import dev.gradwatch.cluster.EmbeddedRegistry;
import dev.gradwatch.sandbox.examples.Python;
import dev.gradwatch.sandbox.fleet.Fleet;
import dev.gradwatch.sandbox.fleet.FleetPlan;
import dev.gradwatch.sandbox.fleet.PlannedRun;
import dev.gradwatch.schemas.Alert;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole system in this process: broker, registry, topics, service, a training fleet and a reader of alerts. {@link #run} does
 * everything from start to end on the calling thread; {@link #stop} may be called from any.
 */
final class Sandbox {

    private static final Logger LOG = LoggerFactory.getLogger(Sandbox.class);
    private static final int HTTP_PORT = 8080;
    private static final int REGISTRY_PORT = 8081;
    private static final double STEPS_PER_SECOND = 30;
    private static final Duration READY_PATIENCE = Duration.ofSeconds(90);
    /** A start takes two seconds; who waits longer is told for what. */
    private static final Duration SAY_EVERY = Duration.ofSeconds(6);

    private static final long STATUS_EVERY_MILLIS = 1_000;
    /** After everybody has stopped: for the alerts of their last words to be read. */
    private static final long LAST_WORDS_MILLIS = 700;

    /** Bounds what the sandbox keeps on disk; time cannot, because replayed runs carry old event times. */
    private static final Map<String, String> BROKER_SETTINGS =
            Map.of("log.retention.bytes", "134217728", "log.segment.bytes", "33554432");

    private final SandboxOptions options;
    private final SandboxScreen screen;
    private final FleetPlan plan;
    private final Tally tally = new Tally();
    private final Examples examples;
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile Termination serviceEnd;
    private volatile long firstRun;

    Sandbox(SandboxOptions options, SandboxScreen screen) {
        this.options = options;
        this.screen = screen;
        this.plan = new FleetPlan(options.seed());
        this.examples = new Examples(options.seed(), screen.examples());
    }

    /** Where everything is, once it is up. */
    record Addresses(String broker, String registry, URI service, Path configuration) {}

    /** Ends {@link #run} as soon as possible. */
    void stop() {
        stop.countDown();
    }

    /**
     * Starts everything, lets it work until the time is over or somebody stops it, and closes everything.
     *
     * @throws SandboxException when it could not start or something in it failed
     */
    SandboxReport run() throws InterruptedException {
        long begun = System.nanoTime();
        Deque<AutoCloseable> open = new ArrayDeque<>();
        try {
            SandboxFolder folder = SandboxFolder.open(options.folder(), options.fresh());
            open.push(folder);
            SandboxLog.writeTo(folder.log());
            screen.begin(folder.path(), options.size());
            return run(folder, begun, open);
        } finally {
            closeAll(open);
        }
    }

    private SandboxReport run(SandboxFolder folder, long begun, Deque<AutoCloseable> open) throws InterruptedException {
        EmbeddedBroker broker = EmbeddedBroker.start(folder.broker(), BROKER_SETTINGS);
        open.push(broker);
        screen.up("broker", begun, broker.bootstrapServers());
        EmbeddedRegistry embedded = EmbeddedRegistry.start(folder.registry(), folder.port("registry", REGISTRY_PORT));
        open.push(embedded);
        screen.up("registry", begun, embedded.url());

        Map<String, String> configuration = configuration(folder, broker.bootstrapServers(), embedded.url());
        folder.writeConfiguration(configuration);
        GradwatchConfig config = GradwatchConfig.of(configuration);
        try (TopicsAdmin topics = new TopicsAdmin(config)) {
            topics.create();
        }
        GradwatchService service = new GradwatchService(config);
        open.push(service);
        service.start();
        watch(service);
        awaitReady(service, folder);
        screen.up("service", begun, service.address() + "/metrics");

        AlertFeed alerts = new AlertFeed(config, this::seen);
        open.push(alerts);
        alerts.start();
        firstRun = folder.nextRun();
        FleetPublisher fleet = new FleetPublisher(
                config,
                records -> new Fleet(plan, folder.nextRun(), options.size(), STEPS_PER_SECOND, records),
                folder::rememberNextRun);
        open.push(fleet);
        fleet.start();
        if (options.examples()) {
            open.push(examples);
            examples.start(new Python.Target(broker.bootstrapServers(), embedded.url()), folder.examples(), begun);
        }
        screen.ready(
                begun,
                new Addresses(broker.bootstrapServers(), embedded.url(), service.address(), folder.configuration()));

        long ready = System.nanoTime();
        awaitEnd(fleet, ready);
        examples.close();
        fleet.close();
        Duration length = Duration.ofNanos(System.nanoTime() - ready);
        Tally.Counts counts = tally.counts();
        Thread.sleep(LAST_WORDS_MILLIS);
        return report(fleet.progress(), counts, folder.path(), length);
    }

    private Map<String, String> configuration(SandboxFolder folder, String broker, String registry) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("kafka.bootstrap-servers", broker);
        values.put("registry.urls", registry);
        values.put("topics.partitions", "4");
        values.put("topics.replication-factor", "1");
        values.put("topics.event-retention", "3650d");
        values.put("streams.state-dir", folder.state().toString());
        values.put("http.host", "127.0.0.1");
        values.put("http.port", Integer.toString(folder.port("http", HTTP_PORT)));
        values.putAll(Silence.shortened());
        return values;
    }

    private void watch(GradwatchService service) {
        Thread watcher = new Thread(
                () -> {
                    try {
                        serviceEnd = service.awaitTermination();
                        stop();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "service-watcher");
        watcher.setDaemon(true);
        watcher.start();
    }

    private void awaitReady(GradwatchService service, SandboxFolder folder) throws InterruptedException {
        try {
            for (long waited = 0; ; waited += SAY_EVERY.toSeconds()) {
                try {
                    service.awaitReady(SAY_EVERY);
                    return;
                } catch (TimeoutException e) {
                    if (waited >= READY_PATIENCE.toSeconds()) {
                        throw new SandboxException(
                                "The service was not ready within " + READY_PATIENCE.toSeconds() + " s: "
                                        + e.getMessage() + ". The log is " + folder.log() + ".",
                                e);
                    }
                    if (waited == 0) {
                        screen.waiting(e.getMessage());
                    }
                }
            }
        } catch (IllegalStateException e) {
            throw new SandboxException(
                    "The service ended instead of getting ready: " + e.getMessage() + ". The log is " + folder.log()
                            + ".",
                    e);
        }
    }

    private void seen(Alert alert) {
        tally.add(alert, plan.find(alert.getRunId()).isPresent(), System.currentTimeMillis());
        examples.seen(alert);
        screen.alert(alert);
    }

    private void awaitEnd(FleetPublisher fleet, long ready) throws InterruptedException {
        boolean ended = false;
        while (!ended) {
            Duration soFar = Duration.ofNanos(System.nanoTime() - ready);
            screen.status(soFar, fleet.progress(), tally.counts());
            long left = options.length() == null
                    ? STATUS_EVERY_MILLIS
                    : options.length().minus(soFar).toMillis();
            ended = left <= 0
                    || screen.isGone()
                    || fleet.failure() != null
                    || stop.await(Math.min(STATUS_EVERY_MILLIS, left), TimeUnit.MILLISECONDS);
        }
        if (fleet.failure() != null) {
            throw new SandboxException(
                    "The fleet could not publish: " + fleet.failure() + ". See the log in " + options.folder() + ".");
        }
        if (serviceEnd != null && serviceEnd.exitCode() != 0) {
            throw new SandboxException("The service stopped: " + serviceEnd.reason());
        }
    }

    private SandboxReport report(FleetPublisher.Progress fleet, Tally.Counts counts, Path folder, Duration length) {
        List<PlannedRun> loud = counts.loudRuns().stream()
                .flatMap(run -> plan.find(run).stream())
                .filter(run -> run.number() >= firstRun && run.number() < firstRun + fleet.started())
                .toList();
        long accused = loud.stream().filter(PlannedRun::healthy).count();
        long found = loud.size() - accused;
        return new SandboxReport(length, fleet, counts, found, accused, examples.report(), folder);
    }

    private static void closeAll(Deque<AutoCloseable> open) {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                LOG.warn("Something could not be closed", e);
            }
        }
    }
}

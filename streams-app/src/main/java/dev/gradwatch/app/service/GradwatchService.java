package dev.gradwatch.app.service;

import dev.gradwatch.app.engine.EngineSettings;
import dev.gradwatch.app.engine.StateFolderException;
import dev.gradwatch.app.engine.TopicCheckException;
import dev.gradwatch.app.engine.partitions.TooManyBadRecordsException;
import dev.gradwatch.app.service.brokers.BrokerClient;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.app.service.config.Settings;
import dev.gradwatch.app.service.http.Health;
import dev.gradwatch.app.service.http.HttpServer;
import dev.gradwatch.app.service.http.ServiceEndpoints;
import dev.gradwatch.app.service.metrics.Telemetry;
import dev.gradwatch.wire.RegistryRejectedException;
import dev.gradwatch.wire.SchemaNotFoundException;
import dev.gradwatch.wire.SchemaRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole service in this process. HTTP answers first, so that whoever waits can ask why; then the service waits for brokers, topics and
 * registry; then it processes until it is closed or fails.
 *
 * <p>Every end is decided in one place, {@link #end}: the first reason counts, one thread takes everything down within
 * {@code streams.close-timeout} and a few seconds, and {@link #awaitTermination} tells how it was. All methods may be called from any
 * thread; one object serves one start.
 */
public final class GradwatchService implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GradwatchService.class);
    private static final Duration PROBE_EVERY = Duration.ofSeconds(2);
    private static final Duration LOOK_AT_PARTITIONS = Duration.ofSeconds(1);
    private static final Duration MEASURE_ENDS = Duration.ofSeconds(10);
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final GradwatchConfig config;
    private final Telemetry telemetry;
    private final HttpServer http;
    private final SchemaRegistry registry;
    private final StreamsRun streams;
    private final StartUp startUp;
    private final PartitionWatch partitions;
    private final Probe brokerProbe;
    private final Probe registryProbe;
    private final ScheduledExecutorService probes;

    private final AtomicBoolean started = new AtomicBoolean();
    private final CompletableFuture<Termination> firstReason = new CompletableFuture<>();
    private final CompletableFuture<Termination> ended = new CompletableFuture<>();
    private BrokerClient probedBrokers;

    public GradwatchService(GradwatchConfig config) {
        this.config = config;
        Settings settings = config.settings();
        EngineSettings engine = config.toEngineSettings();
        telemetry =
                new Telemetry(settings.metrics().runAlerts(), settings.metrics().labelValues());
        registry = BrokerClient.registry(config);
        streams = new StreamsRun(engine, registry, telemetry);
        partitions = streams.partitionWatch(telemetry, this::probingAdmin);
        startUp = new StartUp(config, engine);
        brokerProbe = new Probe("brokers", this::askBrokers);
        registryProbe = new Probe("registry", this::askRegistry);
        probes = Executors.newScheduledThreadPool(4, GradwatchService::daemon);
        http = new HttpServer(
                settings.http().host(),
                settings.http().port(),
                settings.http().token(),
                ServiceEndpoints.of(telemetry, this::liveness, this::readiness, partitions::resume));
    }

    /** Starts HTTP and returns; everything else goes on in the background. */
    public void start() {
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("A service starts once; make another one.");
        }
        http.start();
        LOG.info("HTTP answers at {} (/health/ready, /metrics).", http.address());
        repeat(brokerProbe, PROBE_EVERY);
        repeat(registryProbe, PROBE_EVERY);
        repeat(partitions::look, LOOK_AT_PARTITIONS);
        repeat(partitions::measureEnds, MEASURE_ENDS);
        new Thread(this::startProcessing, "gradwatch-start").start();
    }

    /**
     * Stops in good order when the process is told to (SIGTERM, Ctrl-C). For a process that is this service and nothing else.
     */
    public void stopOnSignals() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "gradwatch-stop"));
    }

    /**
     * Waits until {@code /health/ready} would answer 200.
     *
     * @throws TimeoutException naming what is not up yet
     * @throws IllegalStateException when the service ended instead
     */
    public void awaitReady(Duration patience) throws InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!readiness().isUp()) {
            if (firstReason.isDone()) {
                Termination termination = firstReason.join();
                throw new IllegalStateException(
                        "The service ended before it was ready: " + termination.reason(), termination.cause());
            }
            if (System.nanoTime() - deadline > 0) {
                throw new TimeoutException("The service is not ready after " + patience.toSeconds() + " s: "
                        + readiness().troubles());
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** Where HTTP listens; only after {@link #start()}. */
    public URI address() {
        return http.address();
    }

    /** Waits until the service has ended, by {@link #close()} or by itself, and everything is released. */
    public Termination awaitTermination() throws InterruptedException {
        try {
            return ended.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Stops within {@code streams.close-timeout} and a few seconds. Safe to call again and from any thread. */
    @Override
    public void close() {
        end(new Termination(0, "The service was stopped.", null));
        Duration bound = config.settings().streams().closeTimeout().plus(GRACE);
        try {
            ended.get(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.error(
                    "The service did not stop within {} s; what was not committed will be processed again.",
                    bound.toSeconds());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private void startProcessing() {
        try {
            if (startUp.run(streams)) {
                streams.start(telemetry, this::fail);
                LOG.info(
                        "Watching {} with {} threads.",
                        config.topics().trainingEvents(),
                        config.settings().streams().threads());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private void fail(Throwable cause) {
        String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        end(new Termination(1, reason, cause));
    }

    /** The one place where the service's end is decided. Never blocks, because stream threads call it. */
    private void end(Termination reason) {
        if (firstReason.complete(reason)) {
            new Thread(() -> takeDown(reason), "gradwatch-end").start();
        }
    }

    private void takeDown(Termination reason) {
        if (reason.exitCode() == 0) {
            LOG.info("{}", reason.reason());
        } else {
            // What somebody must repair is said in words; a trace would only hide them.
            LOG.error("The service failed: {}", reason.reason(), isExplained(reason.cause()) ? null : reason.cause());
        }
        startUp.cancel();
        boolean clean = quietly("streams", () -> {
            if (!streams.close(config.settings().streams().closeTimeout())) {
                throw new IllegalStateException("threads did not end within streams.close-timeout");
            }
        });
        probes.shutdownNow();
        quietly("broker connection", this::closeProbedBrokers);
        quietly("registry connection", registry::close);
        quietly("metrics", telemetry::close);
        quietly("HTTP", http::close);
        LOG.debug("Everything is released{}.", clean ? "" : ", but not in good order");
        ended.complete(reason);
    }

    private static boolean isExplained(Throwable cause) {
        return cause instanceof TopicCheckException
                || cause instanceof StateFolderException
                || cause instanceof TooManyBadRecordsException
                || cause instanceof SchemaNotFoundException
                || cause instanceof RegistryRejectedException
                || cause instanceof KafkaException;
    }

    private static boolean quietly(String what, Runnable closing) {
        try {
            closing.run();
            return true;
        } catch (RuntimeException e) {
            LOG.warn("Closing {}: {}", what, e.getMessage(), e);
            return false;
        }
    }

    private Health liveness() {
        boolean failed = firstReason.isDone() && firstReason.join().exitCode() != 0;
        String detail = failed ? firstReason.join().reason() : "the service runs";
        return Health.of(List.of(new Health.Check("service", !failed, detail)));
    }

    private Health readiness() {
        return Health.of(List.of(brokerProbe.check(), registryProbe.check(), streamsCheck(), partitions.check()));
    }

    private Health.Check streamsCheck() {
        if (firstReason.isDone()) {
            return new Health.Check("streams", false, firstReason.join().reason());
        }
        Health.Check check = streams.check();
        return check.up() || streams.isStarted() ? check : new Health.Check("streams", false, startUp.stage());
    }

    private synchronized BrokerClient probedBrokers() {
        if (probedBrokers == null) {
            probedBrokers = BrokerClient.open(config);
        }
        return probedBrokers;
    }

    private Admin probingAdmin() {
        return probedBrokers().admin();
    }

    private String askBrokers() {
        int count = probedBrokers().count();
        return count == 1 ? "1 broker" : count + " brokers";
    }

    private synchronized void closeProbedBrokers() {
        if (probedBrokers != null) {
            probedBrokers.close();
        }
    }

    private String askRegistry() {
        registry.ping();
        if (telemetry.listener().isRegistryAwaited()) {
            throw new IllegalStateException("a record still waits for an answer");
        }
        return "answers";
    }

    private void repeat(Runnable task, Duration every) {
        // What is repeated throws nothing, and ends with the executor.
        var unused = probes.scheduleWithFixedDelay(task, 0, every.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "gradwatch-probe");
        thread.setDaemon(true);
        return thread;
    }
}

package dev.gradwatch.app.service.metrics;

import dev.gradwatch.app.engine.EngineListener;
import dev.gradwatch.app.service.metrics.OpenAlerts.Labels;
import dev.gradwatch.detection.RunSnapshot;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.text.Sanitizer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Counts and measures what the engine tells. The number of series grows with detectors, teams and clusters, each bounded, and never with
 * runs. Thread-safe.
 */
public final class MicrometerListener implements EngineListener {

    private static final Duration[] PROCESSING_BUCKETS =
            micros(5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 25_000, 100_000);
    private static final Duration[] DETECTION_BUCKETS =
            millis(10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000);
    private static final double[] STATE_BUCKETS = {512, 1024, 2048, 3072, 4096, 8192, 16384, 65536, 262144};

    /** The label of what nobody said. */
    private static final String ABSENT = "none";

    /** The label of values beyond the cardinality limit. */
    private static final String BEYOND = "other";

    /** Prometheus has no bound of its own; a page of labels of this length is still quick to read. */
    private static final int LONGEST_LABEL = 256;

    /** Teams times clusters could still be thousands; real fleets pair them sparsely. */
    private static final int MAX_PAIRS = 200;

    private final MeterRegistry registry;
    private final int runAlertLimit;
    private final CardinalityLimit<String> teams;
    private final CardinalityLimit<String> clusters;
    private final CardinalityLimit<List<String>> pairs = new CardinalityLimit<>(MAX_PAIRS);

    private final Map<String, Counter> eventCounters = new ConcurrentHashMap<>();
    private final Counter duplicates;
    private final Counter stale;
    private final Counter stateDamaged;
    private final Counter skipped;
    private final Counter evicted;
    private final Counter heldBack;
    private final Timer processing;
    private final Timer detection;
    private final DistributionSummary stateBytes;
    private final Map<Labels, AtomicInteger> openCounts = new HashMap<>();
    private final Map<Tags, Gauge> runGauges = new HashMap<>();

    private final OpenAlerts open = new OpenAlerts();
    private final Map<Integer, Long> runsByPartition = new ConcurrentHashMap<>();
    private final AtomicInteger registryWaiting = new AtomicInteger();
    private final AtomicInteger cut = new AtomicInteger();

    /**
     * Registers the meters that need no labels at once, so that they show zero before anything happened.
     *
     * @param runAlertLimit most series that name runs
     * @param labelValues most teams, and most clusters, that labels name
     */
    public MicrometerListener(MeterRegistry registry, int runAlertLimit, int labelValues) {
        this.registry = registry;
        this.runAlertLimit = runAlertLimit;
        teams = new CardinalityLimit<>(labelValues);
        clusters = new CardinalityLimit<>(labelValues);
        duplicates = counter(GradwatchMeter.EVENTS_IGNORED, Tags.of("reason", "duplicate"));
        stale = counter(GradwatchMeter.EVENTS_IGNORED, Tags.of("reason", "stale"));
        evicted = counter(GradwatchMeter.RUNS_EVICTED, Tags.empty());
        stateDamaged = counter(GradwatchMeter.STATE_DAMAGED, Tags.empty());
        skipped = counter(GradwatchMeter.EVENTS_SKIPPED, Tags.empty());
        heldBack = counter(GradwatchMeter.ALERTS_HELD_BACK, Tags.empty());
        processing = timer(GradwatchMeter.PROCESSING_LATENCY, PROCESSING_BUCKETS);
        detection = timer(GradwatchMeter.DETECTION_LATENCY, DETECTION_BUCKETS);
        stateBytes = DistributionSummary.builder(GradwatchMeter.STATE_BYTES.meterName())
                .description(GradwatchMeter.STATE_BYTES.doc())
                .baseUnit("bytes")
                .serviceLevelObjectives(STATE_BUCKETS)
                .register(registry);
        gauge(
                GradwatchMeter.RUNS_ACTIVE,
                () -> runsByPartition.values().stream()
                        .mapToLong(Long::longValue)
                        .sum());
        gauge(GradwatchMeter.REGISTRY_WAITING, registryWaiting::get);
        gauge(GradwatchMeter.RUN_ALERTS_CUT, cut::get);
    }

    @Override
    public void recordApplied(String type, int applied, int duplicateEvents, int staleEvents, long nanos) {
        eventCounters
                .computeIfAbsent(type, kind -> counter(GradwatchMeter.EVENTS, Tags.of("type", kind)))
                .increment(applied);
        if (duplicateEvents > 0) {
            duplicates.increment(duplicateEvents);
        }
        if (staleEvents > 0) {
            stale.increment(staleEvents);
        }
        processing.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void eventSkipped() {
        skipped.increment();
    }

    @Override
    public void fieldIgnored(String field, int times) {
        counter(GradwatchMeter.FIELDS_IGNORED, Tags.of("field", field)).increment(times);
    }

    @Override
    public void alertChanged(int partition, Alert alert, RunStarted registration, long latencyMillis) {
        Labels labels = labels(alert.detector(), alert.severity(), registration);
        switch (alert.state()) {
            case OPENED -> {
                counter(GradwatchMeter.ALERTS_OPENED, tags(labels)).increment();
                // A publisher's clock may be ahead of ours: nothing is found before it happened.
                detection.record(Math.max(0, latencyMillis), TimeUnit.MILLISECONDS);
            }
            case RESOLVED ->
                counter(GradwatchMeter.ALERTS_RESOLVED, tags(labels)).increment();
            case CLOSED -> counter(GradwatchMeter.ALERTS_CLOSED, tags(labels)).increment();
            case SUPERSEDED ->
                counter(GradwatchMeter.ALERTS_SUPERSEDED, tags(labels)).increment();
            case ESCALATED, UPDATED -> {}
        }
        if (alert.state().isOpen()) {
            Labels before = open.put(
                    partition, alert.runId(), alert.id(), labels, alert.opened().timeMillis());
            if (alert.state() == AlertState.ESCALATED) {
                escalated(before, labels);
            }
        } else {
            open.remove(alert.runId(), alert.id());
        }
    }

    /** Leaves its old severity and enters the new one, so that each of them adds up. */
    private void escalated(Labels before, Labels now) {
        counter(GradwatchMeter.ALERTS_ESCALATED, tags(now)).increment();
        counter(GradwatchMeter.ALERTS_OPENED, tags(now)).increment();
        if (before != null) {
            counter(GradwatchMeter.ALERTS_SUPERSEDED, tags(before)).increment();
        }
    }

    @Override
    public void alertsHeldBack(long alerts) {
        heldBack.increment(alerts);
    }

    @Override
    public void runRestored(int partition, RunSnapshot run) {
        open.removeRun(run.runId());
        for (RunSnapshot.AlertSummary alert : run.openAlerts()) {
            Labels labels = labels(alert.detector(), alert.severity(), run.registration());
            open.put(partition, run.runId(), alert.id(), labels, alert.opened().timeMillis());
        }
    }

    @Override
    public void runForgotten(int partition, String runId) {
        open.removeRun(runId);
    }

    @Override
    public void partitionReleased(int partition) {
        open.removePartition(partition);
        runsByPartition.remove(partition);
    }

    @Override
    public void deadLetter(String cause) {
        counter(GradwatchMeter.DEAD_LETTERS, Tags.of("cause", cause)).increment();
    }

    @Override
    public void registryWaiting(boolean waiting) {
        registryWaiting.set(waiting ? 1 : 0);
    }

    @Override
    public void activeRuns(int partition, long runs) {
        if (runs == 0) {
            runsByPartition.remove(partition);
        } else {
            runsByPartition.put(partition, runs);
        }
    }

    @Override
    public void stateDamaged(int partition) {
        stateDamaged.increment();
    }

    @Override
    public void runEvicted(int partition) {
        evicted.increment();
    }

    @Override
    public void stateWritten(int bytes) {
        stateBytes.record(bytes);
    }

    /** Whether processing waits for the schema registry now. */
    public boolean isRegistryAwaited() {
        return registryWaiting.get() > 0;
    }

    /**
     * Brings the gauges of open alerts up to now, from one reading of the open alerts. Called before each scrape and by one thread at a
     * time. A gauge that is there is never registered again, so that no scrape misses a series.
     */
    void refresh() {
        open.forEachCount((labels, count) ->
                openCounts.computeIfAbsent(labels, this::openGauge).set(count));

        // Two runs may look the same once they are sanitized; a page with the same series twice is refused whole.
        Set<Tags> named = new LinkedHashSet<>();
        for (OpenAlerts.Named alert : open.mostGrave(runAlertLimit, cut::set)) {
            named.add(Tags.of(
                    "run", label(alert.run()),
                    "detector", alert.detector(),
                    "severity", text(alert.severity())));
        }
        runGauges.entrySet().removeIf(shown -> {
            boolean gone = !named.contains(shown.getKey());
            if (gone) {
                registry.remove(shown.getValue());
            }
            return gone;
        });
        named.forEach(tags -> runGauges.computeIfAbsent(tags, this::runGauge));
    }

    private AtomicInteger openGauge(Labels labels) {
        AtomicInteger count = new AtomicInteger();
        Gauge.builder(GradwatchMeter.ALERTS_OPEN.meterName(), count, AtomicInteger::get)
                .description(GradwatchMeter.ALERTS_OPEN.doc())
                .tags(tags(labels))
                .register(registry);
        return count;
    }

    private Gauge runGauge(Tags tags) {
        return Gauge.builder(GradwatchMeter.RUN_ALERT.meterName(), () -> 1)
                .description(GradwatchMeter.RUN_ALERT.doc())
                .tags(tags)
                .register(registry);
    }

    private Labels labels(String detector, Severity severity, RunStarted registration) {
        String team = bounded(teams, registration == null ? null : registration.team());
        String cluster = bounded(clusters, registration == null ? null : registration.cluster());
        if (!pairs.admits(List.of(team, cluster))) {
            return new Labels(detector, severity, BEYOND, BEYOND);
        }
        return new Labels(detector, severity, team, cluster);
    }

    private static String bounded(CardinalityLimit<String> named, String untrusted) {
        String value = label(untrusted);
        return value.equals(ABSENT) || named.admits(value) ? value : BEYOND;
    }

    private static String label(String untrusted) {
        return untrusted == null || untrusted.isBlank() ? ABSENT : Sanitizer.label(untrusted, LONGEST_LABEL);
    }

    private static Tags tags(Labels labels) {
        return Tags.of(
                "detector", labels.detector(),
                "severity", text(labels.severity()),
                "team", labels.team(),
                "cluster", labels.cluster());
    }

    private static String text(Severity severity) {
        return severity.name().toLowerCase(Locale.ROOT);
    }

    private Counter counter(GradwatchMeter meter, Tags tags) {
        return Counter.builder(meter.meterName())
                .description(meter.doc())
                .tags(tags)
                .register(registry);
    }

    private Timer timer(GradwatchMeter meter, Duration... buckets) {
        return Timer.builder(meter.meterName())
                .description(meter.doc())
                .serviceLevelObjectives(buckets)
                .register(registry);
    }

    private void gauge(GradwatchMeter meter, Supplier<Number> value) {
        Gauge.builder(meter.meterName(), value).description(meter.doc()).register(registry);
    }

    private static Duration[] millis(long... values) {
        return Arrays.stream(values).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }

    private static Duration[] micros(long... values) {
        return Arrays.stream(values)
                .mapToObj(value -> Duration.ofNanos(value * 1_000))
                .toArray(Duration[]::new);
    }
}

package dev.gradwatch.app.service.metrics;

import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.streams.KafkaStreams;

/** The meters of one service and the page that shows them. Thread-safe but for {@link #watch} and {@link #close}, which one thread calls. */
public final class Telemetry implements AutoCloseable {

    private static final String PLAIN = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /** How soon the page follows threads and partitions that come and go; the binder's own minute is long after a rebalance. */
    private static final Duration KAFKA_REFRESH = Duration.ofSeconds(10);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ScheduledExecutorService kafkaRefresh = Executors.newSingleThreadScheduledExecutor(Telemetry::daemon);
    private final JvmGcMetrics gc = new JvmGcMetrics();
    private final MicrometerListener listener;
    private final PartitionMeters partitions;
    private KafkaStreamsMetrics streamsMetrics;

    /**
     * Binds the meters of Gradwatch, of the JVM and of the process.
     *
     * @param runAlertLimit most series that name runs
     * @param labelValues most teams, and most clusters, that labels name
     */
    public Telemetry(int runAlertLimit, int labelValues) {
        registry.config().meterFilter(KafkaMeters.filter());
        listener = new MicrometerListener(registry, runAlertLimit, labelValues);
        partitions = new PartitionMeters(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        gc.bindTo(registry);
    }

    /** What the engine talks to. */
    public MicrometerListener listener() {
        return listener;
    }

    /** Where stalled partitions are shown. */
    public PartitionMeters partitions() {
        return partitions;
    }

    /** Shows Kafka's meters of this application too. */
    public void watch(KafkaStreams streams) {
        streamsMetrics = new KafkaStreamsMetrics(streams, List.of(), kafkaRefresh, KAFKA_REFRESH);
        streamsMetrics.bindTo(registry);
    }

    /** A page of all meters, from one reading of them: whoever asks at the same time waits for the other's reading to end. */
    public synchronized Page page(String accept) {
        listener.refresh();
        String type = accept != null && accept.contains("application/openmetrics-text") ? OPEN_METRICS : PLAIN;
        return new Page(type, registry.scrape(type));
    }

    /** A page and what it is written in. */
    public record Page(String contentType, String body) {}

    @Override
    public void close() {
        if (streamsMetrics != null) {
            streamsMetrics.close();
        }
        kafkaRefresh.shutdownNow();
        gc.close();
        registry.close();
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "kafka-meters");
        thread.setDaemon(true);
        return thread;
    }
}

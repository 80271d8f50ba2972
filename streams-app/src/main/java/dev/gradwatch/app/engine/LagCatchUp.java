package dev.gradwatch.app.engine;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/**
 * Caught up is a partition of which the consumer has seen the end lately, by its own lag metric. A partition that was never fetched has no
 * lag, and is not caught up. Thread-safe.
 */
public final class LagCatchUp implements CatchUp {

    /** What one poll may bring at most is no lag. */
    private static final double LAG_OF_THE_MOMENT = 1000;

    private static final long FRESH_NANOS = Duration.ofMillis(500).toNanos();

    private final String topic;
    private volatile Supplier<? extends Map<MetricName, ? extends Metric>> metrics = Map::of;
    private Map<Integer, Double> lags = Map.of();
    private long readNanos;

    public LagCatchUp(Topics topics) {
        this.topic = topics.trainingEvents();
    }

    /**
     * Names where the consumers' metrics are; before that nothing is caught up.
     *
     * @param source such as {@code kafkaStreams::metrics}
     */
    public void readFrom(Supplier<? extends Map<MetricName, ? extends Metric>> source) {
        metrics = source;
    }

    @Override
    public synchronized boolean caughtUp(int partition) {
        long now = System.nanoTime();
        if (lags.isEmpty() || now - readNanos > FRESH_NANOS) {
            lags = read();
            readNanos = now;
        }
        Double lag = lags.get(partition);
        return lag != null && lag <= LAG_OF_THE_MOMENT;
    }

    private Map<Integer, Double> read() {
        Map<Integer, Double> byPartition = new HashMap<>();
        metrics.get().forEach((name, metric) -> {
            if (name.name().equals("records-lag")
                    && topic.equals(name.tags().get("topic"))
                    && metric.metricValue() instanceof Double lag
                    && lag >= 0) {
                byPartition.merge(Integer.valueOf(name.tags().get("partition")), lag, Math::max);
            }
        });
        return byPartition;
    }
}

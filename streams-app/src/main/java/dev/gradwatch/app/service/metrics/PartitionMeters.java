package dev.gradwatch.app.service.metrics;

import dev.gradwatch.app.engine.partitions.ProgressWatch;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.List;

/** Shows which partitions stand still, and why. Updated by the one thread that watches them, not by scrapes. */
public final class PartitionMeters {

    private final MultiGauge stalled;

    PartitionMeters(MeterRegistry registry) {
        stalled = MultiGauge.builder(GradwatchMeter.PARTITION_STALLED.meterName())
                .description(GradwatchMeter.PARTITION_STALLED.doc())
                .register(registry);
    }

    /** Shows these and no others. */
    public void show(List<ProgressWatch.Stall> stalls) {
        List<MultiGauge.Row<?>> rows = stalls.stream()
                .<MultiGauge.Row<?>>map(stall -> MultiGauge.Row.of(
                        Tags.of(
                                "partition",
                                Integer.toString(stall.partition()),
                                "reason",
                                stall.reason().code()),
                        stall.seconds()))
                .toList();
        stalled.register(rows, true);
    }
}

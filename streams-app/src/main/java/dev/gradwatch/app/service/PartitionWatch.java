package dev.gradwatch.app.service;

import dev.gradwatch.app.engine.partitions.PausedPartitions;
import dev.gradwatch.app.engine.partitions.ProgressWatch;
import dev.gradwatch.app.service.http.Health;
import dev.gradwatch.app.service.metrics.PartitionMeters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows in readiness and metrics which partitions of this instance stand still. Its two tasks may run on different threads. */
final class PartitionWatch {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionWatch.class);
    private static final long ANSWER_SECONDS = 5;

    private final String topic;
    private final ProgressWatch watch;
    private final PausedPartitions paused;
    private final PartitionMeters meters;
    private final Supplier<Admin> admin;

    /** @param admin asked for each measurement, and never closed here */
    PartitionWatch(
            String topic, ProgressWatch watch, PausedPartitions paused, PartitionMeters meters, Supplier<Admin> admin) {
        this.topic = topic;
        this.watch = watch;
        this.paused = paused;
        this.meters = meters;
        this.admin = admin;
    }

    /** Names slow records and brings the meters up to date; for every second. Waits for nobody. */
    void look() {
        try {
            watch.warnOfSlowRecords();
            meters.show(watch.stalls());
        } catch (RuntimeException e) {
            LOG.warn("The partitions could not be looked at: {}", e.getMessage(), e);
        }
    }

    /** Asks the brokers where the partitions end. */
    void measureEnds() {
        try {
            Map<TopicPartition, OffsetSpec> wanted = watch.owned().stream()
                    .collect(Collectors.toMap(
                            partition -> new TopicPartition(topic, partition), partition -> OffsetSpec.latest()));
            Map<Integer, Long> ends = new HashMap<>();
            if (!wanted.isEmpty()) {
                admin.get()
                        .listOffsets(wanted)
                        .all()
                        .get(ANSWER_SECONDS, TimeUnit.SECONDS)
                        .forEach((partition, end) -> ends.put(partition.partition(), end.offset()));
            }
            watch.ends(ends);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            // Readiness tells of brokers that do not answer.
            LOG.debug("The ends of the partitions are not known: {}", e.getMessage(), e);
        }
    }

    /** Down while a partition stands still, with each of them and its reason. */
    Health.Check check() {
        List<ProgressWatch.Stall> stalls = watch.stalls();
        if (stalls.isEmpty()) {
            int owned = watch.owned().size();
            return new Health.Check("partitions", true, owned + (owned == 1 ? " is read" : " are read"));
        }
        return new Health.Check(
                "partitions",
                false,
                stalls.stream()
                        .map(stall -> "partition " + stall.partition() + " " + stall.detail())
                        .collect(Collectors.joining("; ")));
    }

    /**
     * Reads a paused partition again.
     *
     * @return whether it was paused here
     */
    boolean resume(int partition) {
        boolean resumed = paused.resume(partition);
        if (resumed) {
            LOG.info("Partition {} is read again, by command.", partition);
        }
        return resumed;
    }
}

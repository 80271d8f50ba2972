package dev.gradwatch.app.engine.partitions;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/**
 * The clients of Kafka Streams, whose main consumers skip {@link PausedPartitions} and tell of their {@link PartitionProgress}. Kafka Streams
 * can pause an application as a whole and not a partition; its consumer can. Kafka Streams pauses and resumes partitions for its own reasons
 * too (a full buffer, a restore), so a partition is read when neither wants it paused.
 *
 * <p>The group protocol {@code streams} makes its consumers itself: with it nothing can be paused.
 */
public final class PausableClients implements KafkaClientSupplier {

    private final String topic;
    private final PausedPartitions paused;
    private final PartitionProgress progress;

    /** @param topic whose partitions may be paused */
    public PausableClients(String topic, PausedPartitions paused, PartitionProgress progress) {
        this.topic = topic;
        this.paused = paused;
        this.progress = progress;
    }

    @Override
    public Admin getAdmin(Map<String, Object> config) {
        return Admin.create(config);
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
        return pausable(plain(config));
    }

    @Override
    public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
        return plain(config);
    }

    @Override
    public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
        return plain(config);
    }

    private static Consumer<byte[], byte[]> plain(Map<String, Object> config) {
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @SuppressWarnings("unchecked") // A proxy of the interface that it is made for.
    Consumer<byte[], byte[]> pausable(Consumer<byte[], byte[]> consumer) {
        return (Consumer<byte[], byte[]>) Proxy.newProxyInstance(
                Consumer.class.getClassLoader(), new Class<?>[] {Consumer.class}, new Pausable(consumer));
    }

    /** Owned by the stream thread that polls. */
    private final class Pausable implements InvocationHandler {

        private final Consumer<byte[], byte[]> consumer;
        /** What Kafka Streams paused, with what we did not let it resume. */
        private final Set<TopicPartition> pausedByStreams = new HashSet<>();

        private final Set<TopicPartition> pausedByUs = new HashSet<>();

        Pausable(Consumer<byte[], byte[]> consumer) {
            this.consumer = consumer;
        }

        @Override
        @SuppressWarnings("unchecked") // The arguments are those of Consumer's methods.
        public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
            String name = method.getName();
            if (name.equals("poll")) {
                return poll((Duration) arguments[0]);
            }
            if (name.equals("pause")) {
                pausedByStreams.addAll((Collection<TopicPartition>) arguments[0]);
            } else if (name.equals("resume")) {
                resume((Collection<TopicPartition>) arguments[0]);
                return null;
            } else if (name.equals("close")) {
                // Pauses stay: the thread may be replaced.
                progress.owned(this, List.of());
            }
            try {
                return method.invoke(consumer, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }

        private ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            apply();
            ConsumerRecords<byte[], byte[]> records = consumer.poll(timeout);
            Set<Integer> owned = new HashSet<>();
            for (TopicPartition assigned : consumer.assignment()) {
                if (assigned.topic().equals(topic)) {
                    owned.add(assigned.partition());
                }
            }
            progress.owned(this, owned).forEach(paused::released);
            records.nextOffsets().forEach((partition, next) -> {
                if (partition.topic().equals(topic)) {
                    progress.position(partition.partition(), next.offset());
                }
            });
            for (TopicPartition partition : records.partitions()) {
                List<ConsumerRecord<byte[], byte[]>> fetched = records.records(partition);
                if (partition.topic().equals(topic)) {
                    progress.fetched(
                            partition.partition(),
                            fetched.get(fetched.size() - 1).offset());
                }
            }
            for (int partition : owned) {
                findPosition(partition);
            }
            return records;
        }

        /** Where a partition without any new record stands; never waits for a broker. */
        private void findPosition(int partition) {
            if (progress.isPositionUnknown(partition)) {
                try {
                    progress.position(
                            partition, consumer.position(new TopicPartition(topic, partition), Duration.ZERO));
                } catch (TimeoutException e) {
                    // Not known yet; the next poll asks again.
                }
            }
        }

        /** Before each poll, because an assignment may have changed and a pause may have come or ended. */
        private void apply() {
            Set<TopicPartition> assignment = consumer.assignment();
            pausedByStreams.retainAll(assignment);
            pausedByUs.retainAll(assignment);
            List<TopicPartition> toPause = new ArrayList<>();
            List<TopicPartition> toResume = new ArrayList<>();
            for (TopicPartition partition : assignment) {
                boolean pause = partition.topic().equals(topic) && paused.isPaused(partition.partition());
                if (pause) {
                    // Also when it is ours already: a reassigned partition begins unpaused.
                    toPause.add(partition);
                    pausedByUs.add(partition);
                } else if (pausedByUs.remove(partition) && !pausedByStreams.contains(partition)) {
                    toResume.add(partition);
                }
            }
            if (!toPause.isEmpty()) {
                consumer.pause(toPause);
            }
            if (!toResume.isEmpty()) {
                consumer.resume(toResume);
            }
        }

        private void resume(Collection<TopicPartition> partitions) {
            List<TopicPartition> allowed = new ArrayList<>(partitions);
            pausedByStreams.removeAll(partitions);
            allowed.removeAll(pausedByUs);
            consumer.resume(allowed);
        }
    }
}

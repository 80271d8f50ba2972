package dev.gradwatch.app.engine;

import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * The record's timestamp, but never negative, on which Kafka Streams would stop, and never in the future, where brokers refuse what we make
 * of it. Nothing in the detection depends on it: events carry their own time.
 */
final class BoundedTimestamps implements TimestampExtractor {

    private final LongSupplier wallClock;

    BoundedTimestamps(LongSupplier wallClock) {
        this.wallClock = wallClock;
    }

    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
        return Math.max(0, Math.min(record.timestamp(), wallClock.getAsLong()));
    }
}

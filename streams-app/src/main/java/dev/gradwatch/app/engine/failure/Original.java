package dev.gradwatch.app.engine.failure;

import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** An input record as it came, and where from. */
@SuppressWarnings("ArrayRecordComponent") // Never compared, and copies would be made for every record.
public record Original(
        byte[] key, byte[] value, Headers headers, String topic, int partition, long offset, long timestamp) {

    public static Original of(Record<byte[], byte[]> record, RecordMetadata place) {
        return new Original(
                record.key(),
                record.value(),
                record.headers(),
                place.topic(),
                place.partition(),
                place.offset(),
                record.timestamp());
    }

    public int valueBytes() {
        return value == null ? 0 : value.length;
    }

    /** Where it is, for people. */
    public String place() {
        return topic + " partition " + partition + " offset " + offset;
    }
}

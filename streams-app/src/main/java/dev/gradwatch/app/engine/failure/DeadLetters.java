package dev.gradwatch.app.engine.failure;

import dev.gradwatch.app.engine.partitions.BadRecords;
import dev.gradwatch.app.engine.partitions.TooManyBadRecordsException;
import dev.gradwatch.detection.text.Sanitizer;
import dev.gradwatch.wire.DeadLetterCause;
import dev.gradwatch.wire.UnknownEventTypeException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends records that cannot be used to the dead-letter topic, in the transaction that moves past them: the original key, value and headers,
 * with cause and origin in further headers. What the brokers accepted compressed may be larger than any record of ours may be, so key,
 * value and headers are cut to what fits, and headers say how long they were. One for all threads; thread-safe.
 */
public final class DeadLetters {

    public static final String CAUSE = "gradwatch.cause";
    public static final String REASON = "gradwatch.reason";
    public static final String ORIGIN_TOPIC = "gradwatch.origin.topic";
    public static final String ORIGIN_PARTITION = "gradwatch.origin.partition";
    public static final String ORIGIN_OFFSET = "gradwatch.origin.offset";
    public static final String ORIGIN_TIMESTAMP = "gradwatch.origin.timestamp";
    public static final String APPLICATION = "gradwatch.application";
    /** The length of the original value, when what is here was cut. */
    public static final String FULL_VALUE_BYTES = "gradwatch.full.value.bytes";
    /** The length of the original key, when what is here was cut. */
    public static final String FULL_KEY_BYTES = "gradwatch.full.key.bytes";
    /** How many headers the original had, when they were left out. */
    public static final String HEADERS_LEFT_OUT = "gradwatch.headers.left.out";

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final int LONGEST_REASON = 1000;
    /** Schemas that were logged; a topic has a handful. */
    private static final int MOST_REMEMBERED = 1000;
    /** Length fields of a header, at most. */
    private static final int HEADER_OVERHEAD = 10;

    private final String application;
    private final int largestRecordBytes;
    private final BadRecords badRecords;
    private final FailureListener listener;
    private final Set<Integer> newerSchemas = ConcurrentHashMap.newKeySet();
    private final String sink;
    private final Set<DeadLetterCause> logged = ConcurrentHashMap.newKeySet();

    public DeadLetters(
            String application, int largestRecordBytes, BadRecords badRecords, FailureListener listener, String sink) {
        this.application = application;
        this.largestRecordBytes = largestRecordBytes;
        this.badRecords = badRecords;
        this.listener = listener;
        this.sink = sink;
    }

    /**
     * Sends one, and pauses its partition or ends the service when it is one too many.
     *
     * @throws TooManyBadRecordsException when the service is to end
     */
    public void send(
            ProcessorContext<Object, Object> context, Original original, DeadLetterCause cause, String reason) {
        listener.deadLetter(cause.code());
        if (logged.add(cause)) {
            LOG.warn(
                    "{} goes to the dead letters, the first of its kind ({}): {}; further ones are counted and not logged",
                    original.place(),
                    cause.code(),
                    reason);
        }
        badRecords.bad(
                original.partition(),
                original.key() == null ? null : new String(original.key(), StandardCharsets.UTF_8),
                original.place() + ", " + cause.code() + ": " + reason);
        context.forward(letter(original, cause, reason), sink);
    }

    /** Counts a record of a type that only a newer version knows. That is no fault of its publisher, so it is no dead letter. */
    public void skipped(Original original, UnknownEventTypeException unknown) {
        listener.eventSkipped();
        boolean first = newerSchemas.size() < MOST_REMEMBERED && newerSchemas.add(unknown.schemaId());
        if (first) {
            LOG.warn(
                    "{} is left out: {}; further records of that schema are counted and not logged",
                    original.place(),
                    unknown.getMessage());
        }
    }

    public Record<byte[], byte[]> letter(Original original, DeadLetterCause cause, String reason) {
        Headers headers = new RecordHeaders();
        int originalHeaderBytes = bytesOf(original.headers());
        if (originalHeaderBytes <= largestRecordBytes / 4) {
            original.headers().forEach(headers::add);
        } else {
            add(headers, HEADERS_LEFT_OUT, Integer.toString(original.headers().toArray().length));
        }
        add(headers, CAUSE, cause.code());
        String shown = Sanitizer.escape(reason);
        add(headers, REASON, shown.length() <= LONGEST_REASON ? shown : shown.substring(0, LONGEST_REASON));
        add(headers, ORIGIN_TOPIC, original.topic());
        add(headers, ORIGIN_PARTITION, Integer.toString(original.partition()));
        add(headers, ORIGIN_OFFSET, Long.toString(original.offset()));
        add(headers, ORIGIN_TIMESTAMP, Long.toString(original.timestamp()));
        add(headers, APPLICATION, application);
        byte[] key = cut(original.key(), largestRecordBytes / 4, FULL_KEY_BYTES, headers);
        int room = largestRecordBytes - bytesOf(headers) - (key == null ? 0 : key.length) - 2 * HEADER_OVERHEAD;
        byte[] value = cut(original.value(), room - FULL_VALUE_BYTES.length(), FULL_VALUE_BYTES, headers);
        return new Record<>(key, value, original.timestamp(), headers);
    }

    private static byte[] cut(byte[] whole, int room, String header, Headers headers) {
        if (whole == null || whole.length <= room) {
            return whole;
        }
        add(headers, header, Integer.toString(whole.length));
        return Arrays.copyOf(whole, Math.max(room, 0));
    }

    private static int bytesOf(Headers headers) {
        int bytes = 0;
        for (Header header : headers) {
            // A name in UTF-8 has at most three bytes a char.
            bytes += 3 * header.key().length() + HEADER_OVERHEAD + (header.value() == null ? 0 : header.value().length);
        }
        return bytes;
    }

    private static void add(Headers headers, String name, String value) {
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}

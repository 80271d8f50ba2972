package dev.gradwatch.app.engine;

import dev.gradwatch.app.engine.failure.DeadLetters;
import dev.gradwatch.app.engine.failure.Original;
import dev.gradwatch.app.engine.failure.RegistryOutageException;
import dev.gradwatch.app.engine.failure.RegistryRetry;
import dev.gradwatch.app.engine.partitions.PartitionProgress;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.schemas.TrainingEvent;
import dev.gradwatch.wire.AvroWire;
import dev.gradwatch.wire.DeadLetterCause;
import dev.gradwatch.wire.TrainingEvents;
import dev.gradwatch.wire.UndecodableRecordException;
import dev.gradwatch.wire.UnknownEventTypeException;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * Turns bytes into events of runs. What can never be read goes to the dead letters; what cannot be read now, because the registry does not
 * answer, waits here. One for each task.
 */
final class DecodeEvent implements Processor<byte[], byte[], Object, Object> {

    /**
     * A larger value is not decoded, bytes. With an eighth of the heap there is room for the value, what is made of it and the copy that
     * goes to the dead letters, while other threads do the same.
     */
    private static final long LARGEST_VALUE_BYTES = Runtime.getRuntime().maxMemory() / 8;

    private final AvroWire<TrainingEvent> wire;
    private final RegistryRetry retry;
    private final DeadLetters deadLetters;
    private final PartitionProgress progress;
    private ProcessorContext<Object, Object> context;

    DecodeEvent(
            AvroWire<TrainingEvent> wire, RegistryRetry retry, DeadLetters deadLetters, PartitionProgress progress) {
        this.wire = wire;
        this.retry = retry;
        this.deadLetters = deadLetters;
        this.progress = progress;
    }

    @Override
    public void init(ProcessorContext<Object, Object> taskContext) {
        context = taskContext;
    }

    @Override
    public void process(Record<byte[], byte[]> in) {
        Original original = Original.of(in, context.recordMetadata().orElseThrow());
        progress.begin(original.partition(), original.offset());
        boolean done = false;
        try {
            decodeAndForward(in, original);
            done = true;
        } finally {
            if (done) {
                progress.end(original.partition());
            } else {
                progress.abandon(original.partition());
            }
        }
    }

    private void decodeAndForward(Record<byte[], byte[]> in, Original original) {
        RunRecord record;
        try {
            record = decode(in);
        } catch (UnknownEventTypeException e) {
            deadLetters.skipped(original, e);
            return;
        } catch (UndecodableRecordException e) {
            deadLetters.send(context, original, e.deadLetterCause(), e.getMessage());
            return;
        } catch (RegistryOutageException e) {
            throw e;
        } catch (RuntimeException e) {
            deadLetters.send(context, original, DeadLetterCause.PROCESSING_FAILED, "decoding failed: " + e);
            return;
        }
        // Without the input's headers: whatever somebody wrote there does not belong on alerts.
        context.forward(
                new Record<>(record.runId(), new DecodedRecord(record, original), in.timestamp()), Nodes.WATCH_RUN);
    }

    private RunRecord decode(Record<byte[], byte[]> in) throws UndecodableRecordException {
        if (in.value() != null && in.value().length > LARGEST_VALUE_BYTES) {
            throw tooLarge(in.value().length);
        }
        TrainingEvent event = retry.await(() -> wire.decode(in.value()));
        String key = in.key() == null ? null : new String(in.key(), StandardCharsets.UTF_8);
        // Brokers stamp every record; 0 is what is left of a timestamp that cannot be.
        long writtenMillis = in.timestamp() > 0 ? in.timestamp() : context.currentSystemTimeMs();
        return TrainingEvents.toRunRecord(event, key, writtenMillis, publisher(in));
    }

    private static String publisher(Record<byte[], byte[]> in) {
        Header header = in.headers().lastHeader(TrainingEvents.PUBLISHER_HEADER);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    private UndecodableRecordException tooLarge(int bytes) {
        RecordMetadata place = context.recordMetadata().orElseThrow();
        return new UndecodableRecordException(
                DeadLetterCause.RECORD_TOO_LARGE,
                "the record of topic " + place.topic() + ", partition " + place.partition() + ", offset "
                        + place.offset()
                        + " has " + bytes + " bytes, more than an eighth of this service's heap (" + LARGEST_VALUE_BYTES
                        + " bytes): lower max.message.bytes of the topic and the batches of its publisher, or give the"
                        + " service more heap (-Xmx)");
    }
}

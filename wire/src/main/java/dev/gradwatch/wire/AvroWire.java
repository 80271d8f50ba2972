package dev.gradwatch.wire;

import dev.gradwatch.detection.text.Sanitizer;
import dev.gradwatch.schemas.TrainingEvent;
import dev.gradwatch.schemas.TrustedRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/**
 * Confluent's wire format for one record type: a zero byte, the writer schema's id in four bytes, Avro binary. Writes with the schema of
 * the generated class; reads any schema that Avro can resolve to it.
 *
 * <p>Readers, writers and buffers are reused, so one instance belongs to one thread; make one for each stream task.
 */
public final class AvroWire<T extends SpecificRecord> {

    static {
        TrustedRecords.trust();
    }

    private static final byte MAGIC = 0;
    private static final int HEADER_BYTES = 1 + Integer.BYTES;
    private static final int UNRESOLVED = Integer.MIN_VALUE;
    private static final int LARGEST_KEPT_BUFFER = 1 << 20;
    private static final int MOST_KEPT_READERS = 1000;

    /**
     * What is known of a writer's schema.
     *
     * @param refusal why nothing written with it can be read; {@code null} where it can
     */
    private record Written<T>(WriterPlan plan, DatumReader<T> reader, UndecodableRecordException refusal) {}

    private final Class<T> type;
    private final String subject;
    private final SchemaRegistry registry;
    private final boolean autoRegister;

    private final SpecificData model;
    private final Schema schema;
    private final SpecificDatumWriter<T> writer;
    private final Map<Integer, Written<T>> written = new HashMap<>();
    private final WireDecoder decoder;
    private ByteArrayOutputStream buffer = new ByteArrayOutputStream(512);
    private BinaryEncoder encoder;
    private int schemaId = UNRESOLVED;

    /**
     * @param subject under which the schema is registered: topic name and {@code -value}
     * @param autoRegister whether the first {@link #encode} registers the schema; otherwise it must be there
     */
    public AvroWire(Class<T> type, String subject, SchemaRegistry registry, boolean autoRegister) {
        this.type = type;
        this.subject = subject;
        this.registry = registry;
        this.autoRegister = autoRegister;
        this.model = SpecificData.getForClass(type);
        this.schema = model.getSchema(type);
        this.writer = new SpecificDatumWriter<>(schema, model);
        this.decoder = type == TrainingEvent.class ? WireDecoder.ofEvents() : new WireDecoder();
    }

    /**
     * The id that records are written with, asked for once. Call it at start to learn early that the schema is missing or refused.
     *
     * @throws SchemaNotFoundException when the schema is not registered and may not be registered from here
     * @throws RegistryRejectedException when the registry refuses the schema
     * @throws RegistryUnavailableException when the registry does not answer
     */
    public int schemaId() {
        if (schemaId == UNRESOLVED) {
            schemaId = autoRegister ? registry.register(subject, schema) : registry.idOf(subject, schema);
        }
        return schemaId;
    }

    /** The record's bytes; throws what {@link #schemaId()} throws. */
    public byte[] encode(T value) {
        int id = schemaId();
        buffer.reset();
        buffer.write(MAGIC);
        for (int shift = Integer.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            buffer.write(id >>> shift);
        }
        try {
            encoder = EncoderFactory.get().directBinaryEncoder(buffer, encoder);
            writer.write(value, encoder);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        byte[] bytes = buffer.toByteArray();
        if (bytes.length > LARGEST_KEPT_BUFFER) {
            buffer = new ByteArrayOutputStream(512);
        }
        return bytes;
    }

    /**
     * The record in these bytes, whoever made them.
     *
     * @throws UnknownEventTypeException when they are of a type that only a newer version knows
     * @throws UndecodableRecordException when these bytes can never be read; nothing else is thrown for what is in them
     * @throws RegistryUnavailableException when their schema cannot be looked up now, be it for an outage or for refused credentials
     */
    public T decode(byte[] bytes) throws UndecodableRecordException {
        Written<T> known = written(schemaIdOf(bytes));
        if (known.refusal() != null) {
            throw known.refusal();
        }
        try {
            known.plan().check(decoder.reset(bytes, HEADER_BYTES));
            if (decoder.remaining() > 0) {
                throw unreadable(bytes, decoder.remaining() + " bytes follow after its end", null);
            }
            return known.reader().read(null, decoder.reset(bytes, HEADER_BYTES));
        } catch (AvroTypeException e) {
            throw new UndecodableRecordException(
                    DeadLetterCause.INCOMPATIBLE_SCHEMA,
                    "schema " + schemaIdOf(bytes) + " cannot be read as " + type.getSimpleName() + ": "
                            + Sanitizer.quoted(e.getMessage()),
                    e);
        } catch (IOException | RuntimeException e) {
            throw unreadable(bytes, Sanitizer.quoted(e.getMessage()), e);
        }
    }

    private static int schemaIdOf(byte[] bytes) throws UndecodableRecordException {
        if (bytes == null || bytes.length == 0) {
            throw new UndecodableRecordException(DeadLetterCause.EMPTY_VALUE, "the record has no value");
        }
        if (bytes[0] != MAGIC || bytes.length < HEADER_BYTES) {
            throw new UndecodableRecordException(
                    DeadLetterCause.NOT_WIRE_FORMAT,
                    String.format(
                            "%d bytes beginning with 0x%02x are not a zero byte, a 4-byte schema id and Avro binary:"
                                    + " publish with a Confluent-compatible Avro serializer",
                            bytes.length, bytes[0]));
        }
        return ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt();
    }

    private Written<T> written(int id) throws UndecodableRecordException {
        Written<T> known = written.get(id);
        if (known != null) {
            return known;
        }
        Written<T> found = examined(writerSchema(id), id);
        if (written.size() >= MOST_KEPT_READERS) {
            written.clear();
        }
        written.put(id, found);
        return found;
    }

    private Written<T> examined(Schema writerSchema, int id) {
        try {
            WriterPlan plan = WriterPlan.of(writerSchema, schema, id);
            return new Written<>(plan, new SpecificDatumReader<>(writerSchema, schema, model), null);
        } catch (UndecodableRecordException e) {
            return new Written<>(null, null, e);
        }
    }

    private Schema writerSchema(int id) throws UndecodableRecordException {
        try {
            return registry.schemaById(id);
        } catch (SchemaNotFoundException e) {
            throw new UndecodableRecordException(DeadLetterCause.UNKNOWN_SCHEMA, e.getMessage(), e);
        } catch (RegistryRejectedException e) {
            if (e.isAccessDenied()) {
                // Every record would be condemned for a password that ran out; waiting loses none.
                throw new RegistryUnavailableException(e.getMessage(), e);
            }
            throw new UndecodableRecordException(DeadLetterCause.INCOMPATIBLE_SCHEMA, e.getMessage(), e);
        } catch (AvroRuntimeException e) {
            throw new UndecodableRecordException(
                    DeadLetterCause.INCOMPATIBLE_SCHEMA, "schema " + id + ": " + Sanitizer.quoted(e.getMessage()), e);
        }
    }

    private UndecodableRecordException unreadable(byte[] bytes, String why, Throwable cause) {
        return new UndecodableRecordException(
                DeadLetterCause.UNREADABLE,
                "a value of " + bytes.length + " bytes is no " + type.getSimpleName() + ": " + why,
                cause);
    }
}

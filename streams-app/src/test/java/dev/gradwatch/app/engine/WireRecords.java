package dev.gradwatch.app.engine;

import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.RunStatus;
import dev.gradwatch.schemas.TrainingEvent;
import dev.gradwatch.wire.AlertRecords;
import dev.gradwatch.wire.AvroWire;
import dev.gradwatch.wire.SchemaRegistry;
import dev.gradwatch.wire.TrainingEvents;
import dev.gradwatch.wire.UndecodableRecordException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;

/** To and from the bytes on the topics, as a publisher and a consumer would. */
final class WireRecords {

    private final AvroWire<TrainingEvent> events;
    private final AvroWire<Alert> alerts;
    private final AvroWire<RunStatus> statuses;

    WireRecords(Topics topics, SchemaRegistry registry) {
        events = new AvroWire<>(TrainingEvent.class, topics.trainingEvents() + "-value", registry, true);
        alerts = new AvroWire<>(Alert.class, topics.alerts() + "-value", registry, true);
        statuses = new AvroWire<>(RunStatus.class, topics.runStatus() + "-value", registry, true);
    }

    byte[] event(RunRecord record) {
        return events.encode(TrainingEvents.toAvro(record));
    }

    Alert alert(byte[] bytes) {
        try {
            return alerts.decode(bytes);
        } catch (UndecodableRecordException e) {
            throw new AssertionError("an alert that nobody can read", e);
        }
    }

    RunStatus status(byte[] bytes) {
        try {
            return bytes == null ? null : statuses.decode(bytes);
        } catch (UndecodableRecordException e) {
            throw new AssertionError("a run status that nobody can read", e);
        }
    }

    /** A value for every way in which one can be bad, by the cause that it must be given. */
    Map<String, byte[]> poison(RunRecord good, SchemaRegistry registry) {
        byte[] whole = event(good);
        int other = registry.register(
                "something-else-value",
                SchemaBuilder.record("Else").fields().requiredString("x").endRecord());
        Map<String, byte[]> poison = new LinkedHashMap<>();
        poison.put("empty-value", null);
        poison.put("not-wire-format", "{\"loss\": 1}".getBytes(StandardCharsets.UTF_8));
        poison.put(
                "unknown-schema",
                ByteBuffer.allocate(9).put((byte) 0).putInt(999_999).putInt(1).array());
        poison.put("unreadable", Arrays.copyOf(whole, whole.length - 3));
        poison.put(
                "incompatible-schema",
                ByteBuffer.allocate(7)
                        .put((byte) 0)
                        .putInt(other)
                        .put((byte) 2)
                        .put((byte) 'x')
                        .array());
        poison.put("wrong-key", event(new RunRecord("someone-else", 1, good.timeMillis(), good.event())));
        poison.put("impossible-value", event(new RunRecord(good.runId(), 1, -5, good.event())));
        return poison;
    }

    /** An event of a type that a later version of the schema adds; none of its fields has to be there. */
    byte[] ofALaterType(String runId, SchemaRegistry registry) {
        Schema later = SchemaBuilder.record("PowerDrawn")
                .namespace("dev.gradwatch.schemas")
                .fields()
                .optionalDouble("watts")
                .endRecord();
        Schema ours = TrainingEvent.getClassSchema();
        List<Schema> branches = new ArrayList<>(ours.getField("event").schema().getTypes());
        branches.add(later);
        List<Schema.Field> fields = new ArrayList<>();
        for (Schema.Field field : ours.getFields()) {
            Schema type = field.name().equals("event") ? Schema.createUnion(branches) : field.schema();
            fields.add(new Schema.Field(field.name(), type, field.doc(), field.defaultVal()));
        }
        Schema next = Schema.createRecord(ours.getName(), null, ours.getNamespace(), false, fields);
        byte[] id = runId.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(5 + 1 + id.length + 4)
                .put((byte) 0)
                .putInt(registry.register("next-value", next))
                .put((byte) (id.length * 2))
                .put(id)
                .put((byte) 2)
                .put((byte) 2)
                .put((byte) ((branches.size() - 1) * 2))
                .put((byte) 0)
                .array();
    }

    /** The alerts that the pure core raises, as they must stand on the topic. */
    static Map<String, List<Alert>> expected(List<RunRecord> records) {
        Map<String, RunStarted> registrations = new LinkedHashMap<>();
        for (RunRecord record : records) {
            if (record.event() instanceof RunStarted started) {
                registrations.put(record.runId(), started);
            }
        }
        Map<String, List<Alert>> expected = new LinkedHashMap<>();
        PublishedRuns.alerts(records)
                .forEach((run, list) -> expected.put(
                        run,
                        list.stream()
                                .map(alert -> AlertRecords.toAvro(alert, registrations.get(run)))
                                .toList()));
        return expected;
    }
}

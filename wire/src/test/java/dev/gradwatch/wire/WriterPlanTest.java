package dev.gradwatch.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.gradwatch.schemas.GradientNorms;
import dev.gradwatch.schemas.LayerNorms;
import dev.gradwatch.schemas.StepNorms;
import dev.gradwatch.schemas.TrainingEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

/** What a record may cost is bounded by the contract, whatever its bytes and its schema claim. */
class WriterPlanTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final MemoryRegistry registry = new MemoryRegistry();
    private final AvroWire<TrainingEvent> wire = new AvroWire<>(TrainingEvent.class, "events-value", registry, true);

    @Test
    void refusesMillionsOfStepsBeforeTheyAreBuilt() throws IOException {
        int id = wire.schemaId();
        int count = 8_600_000;
        byte[] bomb = body(id, encoder -> {
            header(encoder, 2);
            encoder.writeArrayStart();
            encoder.setItemCount(count);
            for (int i = 0; i < count; i++) {
                encoder.startItem();
                encoder.writeFixed(new byte[9]);
            }
            encoder.writeArrayEnd();
        });

        assertThat(refused(bomb))
                .hasMessageContaining("steps has 8600000")
                .hasMessageContaining("at most 4096")
                .extracting(UndecodableRecordException::code)
                .isEqualTo("too-many-steps");
    }

    @Test
    void countsAListInManyBlocksInSum() throws IOException {
        int id = wire.schemaId();
        byte[] blocks = body(id, encoder -> {
            header(encoder, 2);
            for (int block = 0; block < 50; block++) {
                encoder.writeLong(100);
                for (int i = 0; i < 100; i++) {
                    encoder.writeFixed(new byte[9]);
                }
            }
            encoder.writeLong(0);
        });

        assertThat(refused(blocks))
                .hasMessageContaining("steps has 4100")
                .extracting(UndecodableRecordException::code)
                .isEqualTo("too-many-steps");
    }

    @Test
    void countsTheLayersOfAllStepsTogether() throws UndecodableRecordException {
        List<LayerNorms> layers = Collections.nCopies(4096, new LayerNorms("a", null, null, null, null));

        assertThat(wire.decode(wire.encode(steps(64, layers))).getEvent()).isInstanceOf(GradientNorms.class);
        assertThat(refused(wire.encode(steps(65, layers))))
                .hasMessageContaining("steps.layers of all steps have 266240")
                .extracting(UndecodableRecordException::code)
                .isEqualTo("too-many-layers");
    }

    @Test
    void holdsTheLimitsWhereAListHidesInAUnionOrBehindAnotherName() throws IOException {
        Schema hidden = new Schema.Parser().parse("""
                {"type":"record","name":"AnyOther","fields":[
                  {"name":"run_id","type":"string"},
                  {"name":"event_time","type":"long"},
                  {"name":"event","type":["null",{"type":"record","name":"GradientNorms","namespace":"elsewhere","fields":[
                    {"name":"steps","type":["null",{"type":"array","items":
                      {"type":"record","name":"Odd","fields":[{"name":"step","type":"long"}]}}]}]}]}]}""");
        int id = registry.add(hidden);
        byte[] bytes = body(id, encoder -> {
            encoder.writeString("r");
            encoder.writeLong(NOON.toEpochMilli());
            encoder.writeIndex(1);
            encoder.writeIndex(1);
            encoder.writeLong(5000);
            encoder.writeFixed(new byte[5001]);
        });

        assertThat(refused(bytes).code()).isEqualTo("too-many-steps");
    }

    /** The same list limit must hold for every list and map that Avro would build. */
    @Test
    void everyListOfTheContractHasALimit() {
        List<String> without = new ArrayList<>();
        Deque<Schema> left = new ArrayDeque<>(List.of(TrainingEvent.getClassSchema()));
        while (!left.isEmpty()) {
            Schema schema = left.pop();
            switch (schema.getType()) {
                case RECORD -> {
                    for (Schema.Field field : schema.getFields()) {
                        left.push(field.schema());
                        boolean list = field.schema().getType() == Schema.Type.ARRAY
                                || field.schema().getType() == Schema.Type.MAP;
                        if (list && ListLimit.of(schema.getFullName(), field.name()) == null) {
                            without.add(schema.getName() + "." + field.name());
                        }
                    }
                }
                case UNION -> schema.getTypes().forEach(left::push);
                case ARRAY -> left.push(schema.getElementType());
                case MAP -> left.push(schema.getValueType());
                default -> {}
            }
        }

        assertThat(without).isEmpty();
    }

    @Test
    void refusesASchemaThatUnfoldsWithoutBytesOnceAndForAll() throws IOException {
        String nested = "{\"type\":\"record\",\"name\":\"R0\",\"fields\":[]}";
        for (int i = 1; i <= 60; i++) {
            nested = "{\"type\":\"record\",\"name\":\"R" + i + "\",\"fields\":[{\"name\":\"a\",\"type\":" + nested
                    + "},{\"name\":\"b\",\"type\":\"R" + (i - 1) + "\"}]}";
        }
        int id = registry.add(withExtra(nested));
        byte[] small = body(id, encoder -> heartbeat(encoder));

        for (int i = 0; i < 3; i++) {
            assertThat(refused(small))
                    .hasMessageContaining("schema " + id)
                    .extracting(UndecodableRecordException::code)
                    .isEqualTo("incompatible-schema");
        }
        assertThat(registry.lookups()).isEqualTo(1);
    }

    @Test
    void refusesSchemasThatNestTooDeepOrContainThemselvesWithoutAChoice() throws IOException {
        String deep = "\"int\"";
        for (int i = 0; i < 200; i++) {
            deep = "{\"type\":\"array\",\"items\":" + deep + "}";
        }
        String endless = "{\"type\":\"record\",\"name\":\"Loop\",\"fields\":[{\"name\":\"again\",\"type\":\"Loop\"}]}";

        for (String type : List.of(deep, endless)) {
            int id = registry.add(withExtra(type));
            assertThat(refused(body(id, encoder -> heartbeat(encoder))).code()).isEqualTo("incompatible-schema");
        }
    }

    @Test
    void refusesManyValuesOfNoBytes() throws IOException {
        String empty = "{\"type\":\"record\",\"name\":\"Empty\",\"fields\":[";
        for (int i = 0; i < 2000; i++) {
            empty += (i == 0 ? "" : ",") + "{\"name\":\"n" + i + "\",\"type\":\"null\"}";
        }
        int id = registry.add(withExtra("{\"type\":\"array\",\"items\":" + empty + "]}}"));
        byte[] bytes = body(id, encoder -> {
            encoder.writeLong(100_000);
            encoder.writeFixed(new byte[100_000]);
        });

        assertThat(refused(bytes))
                .hasMessageContaining("more values than its bytes")
                .extracting(UndecodableRecordException::code)
                .isEqualTo("unreadable");
    }

    @Test
    void refusesABlockThatDoesNotEndWhereItSays() throws IOException {
        int id = registry.add(withExtra("{\"type\":\"array\",\"items\":\"int\"}"));
        byte[] lying = body(id, encoder -> {
            encoder.writeLong(-2);
            encoder.writeLong(5);
            encoder.writeInt(1);
            encoder.writeInt(1);
            encoder.writeLong(0);
            heartbeat(encoder);
        });

        assertThat(refused(lying))
                .hasMessageContaining("does not end where it says")
                .extracting(UndecodableRecordException::code)
                .isEqualTo("unreadable");
    }

    @Test
    void takesNoMoreOfATextThanItsLimit() throws UndecodableRecordException {
        TrainingEvent event =
                new TrainingEvent("r", 1, NOON, new dev.gradwatch.schemas.Heartbeat(1L, "🚀".repeat(1_000_000)));

        String status = ((dev.gradwatch.schemas.Heartbeat)
                        wire.decode(wire.encode(event)).getEvent())
                .getStatus();

        assertThat(status).startsWith("🚀").hasSizeBetween(1025, 5000);
    }

    @Test
    void aTypeThatOnlyANewerVersionKnowsIsNoRegistration() throws IOException {
        Schema next = nextVersion();
        Schema added = added(next);
        GenericRecord event = new GenericData.Record(next);
        event.put("run_id", "r");
        event.put("attempt", 1);
        event.put("event_time", NOON.toEpochMilli());
        event.put("event", new GenericData.Record(added));
        int id = registry.add(next);
        byte[] bytes = body(id, encoder -> new GenericDatumWriter<GenericRecord>(next).write(event, encoder));

        assertThatThrownBy(() -> wire.decode(bytes))
                .isInstanceOfSatisfying(
                        UnknownEventTypeException.class,
                        e -> assertThat(e.schemaId()).isEqualTo(id))
                .hasMessageContaining("'" + added.getName() + "'");
    }

    /** A publisher that knows one type alone may leave the union out; Avro would read what is not ours as a registration. */
    @Test
    void aSingleUnknownTypeInThePlaceOfTheUnionIsUnknownToo() throws IOException {
        Schema alone = SchemaBuilder.record("TrainingEvent")
                .namespace("dev.gradwatch.schemas")
                .fields()
                .requiredString("run_id")
                .requiredLong("event_time")
                .name("event")
                .type(SchemaBuilder.record("PowerDrawn")
                        .fields()
                        .requiredLong("watts")
                        .endRecord())
                .noDefault()
                .endRecord();
        int id = registry.add(alone);
        byte[] bytes = body(id, encoder -> {
            encoder.writeString("r");
            encoder.writeLong(NOON.toEpochMilli());
            encoder.writeLong(300);
        });

        assertThatThrownBy(() -> wire.decode(bytes)).isInstanceOf(UnknownEventTypeException.class);
    }

    static Schema nextVersion() throws IOException {
        String next = Files.readString(Path.of("../schemas/src/test/resources/vectors/next/training-event.avsc"));
        return new Schema.Parser().parse(next);
    }

    private static Schema added(Schema next) {
        List<Schema> branches = next.getField("event").schema().getTypes();
        return branches.get(branches.size() - 1);
    }

    private static Schema withExtra(String type) {
        String ours = TrainingEvent.getClassSchema().toString();
        return new Schema.Parser()
                .parse(ours.replace(
                        "\"fields\":[{\"name\":\"run_id\"",
                        "\"fields\":[{\"name\":\"extra\",\"type\":" + type + "},{\"name\":\"run_id\""));
    }

    private static TrainingEvent steps(int count, List<LayerNorms> layers) {
        return new TrainingEvent(
                "r",
                1,
                NOON,
                new GradientNorms(LongStream.range(0, count)
                        .mapToObj(at -> {
                            StepNorms step = new StepNorms();
                            step.setStep(at);
                            step.setLayers(layers);
                            step.setMetrics(Map.of());
                            return step;
                        })
                        .toList()));
    }

    private UndecodableRecordException refused(byte[] bytes) {
        return catchThrowableOfType(UndecodableRecordException.class, () -> wire.decode(bytes));
    }

    private static void header(BinaryEncoder encoder, int branch) throws IOException {
        encoder.writeString("r");
        encoder.writeInt(1);
        encoder.writeLong(NOON.toEpochMilli());
        encoder.writeIndex(branch);
    }

    private static void heartbeat(BinaryEncoder encoder) throws IOException {
        header(encoder, 3);
        encoder.writeIndex(0);
        encoder.writeIndex(0);
    }

    private interface Writing {
        void to(BinaryEncoder encoder) throws IOException;
    }

    private static byte[] body(int schemaId, Writing writing) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(new byte[] {0, 0, 0, (byte) (schemaId >>> 8), (byte) schemaId});
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        writing.to(encoder);
        encoder.flush();
        return bytes.toByteArray();
    }
}

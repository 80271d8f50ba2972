package dev.gradwatch.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.EpochCompleted;
import dev.gradwatch.schemas.Heartbeat;
import dev.gradwatch.schemas.LayerNorms;
import dev.gradwatch.schemas.TrainingEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

class AvroWireTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final MemoryRegistry registry = new MemoryRegistry();
    private final AvroWire<TrainingEvent> wire =
            new AvroWire<>(TrainingEvent.class, "training-events-value", registry, true);

    @Test
    void beginsWithZeroAndTheSchemaIdInFourBytes() {
        for (int i = 1; i < 300; i++) {
            registry.add(SchemaBuilder.fixed("filler" + i).size(i));
        }

        assertThat(wire.encode(heartbeat("run-1"))).startsWith(0, 0, 0, 1, 44);
        assertThat(wire.schemaId()).isEqualTo(300);
    }

    @Test
    void looksEachSchemaUpOnce() throws UndecodableRecordException {
        byte[] bytes = wire.encode(heartbeat("run-1"));

        wire.decode(bytes);
        wire.decode(bytes);

        assertThat(registry.lookups()).isEqualTo(1);
    }

    @Test
    void registersNothingUnlessAllowed() {
        AvroWire<TrainingEvent> careful = new AvroWire<>(TrainingEvent.class, "training-events-value", registry, false);

        assertThatThrownBy(() -> careful.encode(heartbeat("run-1"))).isInstanceOf(SchemaNotFoundException.class);

        registry.register("training-events-value", TrainingEvent.getClassSchema());
        assertThat(careful.encode(heartbeat("run-1"))).startsWith(0, 0, 0, 0, 1);
    }

    @Test
    void refusesNothingAtAll() {
        assertThat(refused(null).deadLetterCause()).isEqualTo(DeadLetterCause.EMPTY_VALUE);
        assertThat(refused(new byte[0]).deadLetterCause()).isEqualTo(DeadLetterCause.EMPTY_VALUE);
    }

    @Test
    void refusesWhatIsNotWireFormatAndSaysWhatItFound() {
        assertThat(refused(new byte[] {0, 0, 0, 1}).code()).isEqualTo("not-wire-format");
        assertThat(refused("{\"run_id\": 1}".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .hasMessageContaining("0x7b")
                .extracting(UndecodableRecordException::code)
                .isEqualTo("not-wire-format");
    }

    @Test
    void refusesAnUnknownSchemaAndNamesItsId() {
        assertThat(refused(new byte[] {0, 0, 0, 3, -25, 0}))
                .hasMessageContaining("999")
                .extracting(UndecodableRecordException::code)
                .isEqualTo("unknown-schema");
    }

    @Test
    void readsASchemaThatAppearsLater() throws UndecodableRecordException {
        byte[] bytes = wire.encode(heartbeat("run-1"));
        MemoryRegistry late = new MemoryRegistry();
        AvroWire<TrainingEvent> reader = new AvroWire<>(TrainingEvent.class, "training-events-value", late, false);
        assertThatThrownBy(() -> reader.decode(bytes)).isInstanceOf(UndecodableRecordException.class);

        late.add(TrainingEvent.getClassSchema());

        assertThat(reader.decode(bytes).getRunId()).isEqualTo("run-1");
    }

    @Test
    void refusesTrailingAndMissingBytes() {
        byte[] bytes = wire.encode(heartbeat("run-1"));

        assertThat(refused(Arrays.copyOf(bytes, bytes.length + 3)))
                .hasMessageContaining("3 bytes follow")
                .extracting(UndecodableRecordException::code)
                .isEqualTo("unreadable");
        assertThat(refused(Arrays.copyOf(bytes, bytes.length - 1)).code()).isEqualTo("unreadable");
    }

    @Test
    void readsOnAfterARefusal() throws UndecodableRecordException {
        byte[] bytes = wire.encode(heartbeat("run-1"));
        for (int length = 0; length < bytes.length; length++) {
            refused(Arrays.copyOf(bytes, length));

            assertThat(wire.decode(bytes)).isEqualTo(heartbeat("run-1"));
        }
    }

    @Test
    void believesNoLengthBeyondTheBytesThatAreLeft() throws IOException {
        int id = wire.schemaId();
        assertThat(refused(body(id, encoder -> encoder.writeLong(Integer.MAX_VALUE - 8L)))
                        .code())
                .as("a run id of two gigabytes")
                .isEqualTo("unreadable");
        assertThat(refused(body(id, encoder -> {
                            encoder.writeString("run-1");
                            encoder.writeInt(1);
                            encoder.writeLong(1);
                            encoder.writeIndex(2);
                            encoder.writeLong(2_000_000_000L);
                        }))
                        .code())
                .as("two thousand million steps")
                .isEqualTo("unreadable");
        assertThat(refused(body(id, encoder -> {
                            encoder.writeString("run-1");
                            encoder.writeInt(1);
                            encoder.writeLong(1);
                            encoder.writeIndex(2);
                            encoder.writeLong(Long.MIN_VALUE);
                            encoder.writeLong(0);
                        }))
                        .code())
                .as("a block whose count has no positive twin")
                .isEqualTo("unreadable");
    }

    @Test
    void refusesASchemaThatNestsItselfWithoutEnd() throws IOException {
        Schema endless = new Schema.Parser().parse("""
                {"type":"record","name":"TrainingEvent","namespace":"dev.gradwatch.schemas","fields":[
                  {"name":"extra","type":{"type":"record","name":"Chain","fields":[{"name":"next","type":["null","Chain"]}]}},
                  {"name":"run_id","type":"string"}]}""");
        int id = registry.add(endless);
        byte[] deep = body(id, encoder -> {
            for (int i = 0; i < 500_000; i++) {
                encoder.writeIndex(1);
            }
        });

        assertThat(refused(deep))
                .extracting(UndecodableRecordException::code)
                .isIn("unreadable", "incompatible-schema");
    }

    @Test
    void refusesARecordOfAnotherKind() {
        AvroWire<Alert> alerts = new AvroWire<>(Alert.class, "alerts-value", registry, true);
        Alert alert = Alert.newBuilder()
                .setId("a")
                .setRunId("r")
                .setAttempt(1)
                .setDetector("d")
                .setSummary("s")
                .setOpenedAt(NOON)
                .setUpdatedAt(NOON)
                .build();

        assertThat(refused(alerts.encode(alert)))
                .hasMessageContaining("TrainingEvent")
                .extracting(UndecodableRecordException::code)
                .isEqualTo("incompatible-schema");
    }

    @Test
    void readsWhatANewerPublisherAdded() throws IOException, UndecodableRecordException {
        Schema newer = new Schema.Parser()
                .parse(
                        TrainingEvent.getClassSchema()
                                .toString()
                                .replace(
                                        "\"fields\":[{\"name\":\"run_id\"",
                                        "\"fields\":[{\"name\":\"region\",\"type\":\"string\",\"default\":\"\"},{\"name\":\"run_id\""));
        int id = registry.add(newer);
        GenericRecord heartbeat = new GenericData.Record(
                newer.getField("event").schema().getTypes().get(3));
        GenericRecord event = new GenericData.Record(newer);
        event.put("region", "north");
        event.put("run_id", "run-1");
        event.put("attempt", 1);
        event.put("event_time", NOON.toEpochMilli());
        event.put("event", heartbeat);
        byte[] bytes = body(id, encoder -> new GenericDatumWriter<GenericRecord>(newer).write(event, encoder));

        assertThat(wire.decode(bytes)).isEqualTo(heartbeat("run-1"));
    }

    @Test
    void waitsForTheRegistryInsteadOfCondemningRecords() {
        byte[] bytes = wire.encode(heartbeat("run-1"));
        registry.failWith(new RegistryUnavailableException("down", null));
        assertThatThrownBy(() -> wire.decode(bytes)).isInstanceOf(RegistryUnavailableException.class);

        registry.failWith(new RegistryRejectedException("password", true, null));
        assertThatThrownBy(() -> wire.decode(bytes))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessage("password");

        registry.failWith(new RegistryRejectedException("not Avro", false, null));
        assertThat(refused(bytes).code()).isEqualTo("incompatible-schema");
    }

    @Test
    void survivesAValueThatCannotBeWritten() throws UndecodableRecordException {
        TrainingEvent incomplete = new TrainingEvent(null, 1, NOON, new Heartbeat(null, null));
        assertThatThrownBy(() -> wire.encode(incomplete)).isInstanceOf(RuntimeException.class);

        assertThat(wire.decode(wire.encode(heartbeat("run-1")))).isEqualTo(heartbeat("run-1"));
    }

    @Test
    void keepsLargeBatches() throws UndecodableRecordException {
        List<LayerNorms> layers = java.util.stream.IntStream.range(0, 4096)
                .mapToObj(i -> new LayerNorms("layer" + i, 1.0 * i, null, null, null))
                .toList();
        TrainingEvent event = new TrainingEvent(
                "run-1",
                1,
                NOON,
                new dev.gradwatch.schemas.GradientNorms(java.util.stream.LongStream.range(0, 50)
                        .mapToObj(step -> new dev.gradwatch.schemas.StepNorms(
                                step, null, null, 1.0, 1.0, null, layers, Map.of(), null))
                        .toList()));

        TrainingEvent copy = wire.decode(wire.encode(event));

        assertThat(((dev.gradwatch.schemas.GradientNorms) copy.getEvent()).getSteps())
                .hasSize(50)
                .allSatisfy(step -> assertThat(step.getLayers()).hasSize(4096));
    }

    @Test
    void leavesAbsentFieldsAbsent() throws UndecodableRecordException {
        EpochCompleted epoch = EpochCompleted.newBuilder().setEpoch(1.0).build();
        TrainingEvent copy = wire.decode(wire.encode(new TrainingEvent("run-1", 1, NOON, epoch)));

        assertThat(((EpochCompleted) copy.getEvent()).getTrainLoss()).isNull();
    }

    private UndecodableRecordException refused(byte[] bytes) {
        return catchThrowableOfType(UndecodableRecordException.class, () -> wire.decode(bytes));
    }

    private static TrainingEvent heartbeat(String runId) {
        return new TrainingEvent(runId, 1, NOON, new Heartbeat(null, null));
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

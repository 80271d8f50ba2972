package dev.gradwatch.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.RunStatus;
import dev.gradwatch.schemas.TrainingEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What Java writes is what the Python publisher writes, byte by byte, and both read it alike: its {@code tests/test_contract.py} holds itself
 * against the same files. {@code publishers/python/tests/vectors.py} says how they are made, and {@code -Dgradwatch.vectors=write} here
 * writes their bytes anew.
 */
class WireVectorsTest {

    private static final Path SCHEMAS = Path.of("../schemas/src");
    private static final Path VECTORS = SCHEMAS.resolve("test/resources/vectors");
    private static final boolean WRITING = "write".equals(System.getProperty("gradwatch.vectors"));
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final MemoryRegistry registry = new MemoryRegistry();

    /**
     * One described record.
     *
     * @param written the version of the contract that it is written with
     * @param value what is written
     * @param read what a reader of today sees
     */
    record Vector(String name, String contract, Schema written, JsonNode value, JsonNode read) {
        @Override
        public String toString() {
            return name;
        }

        boolean isOf(String wanted) {
            return contract.equals(wanted);
        }

        /** Whether it is written with the schema of the generated classes, so that their own writer can write it. */
        boolean isCurrent() {
            return PublishedSchema.text(schemaOf(this)).equals(PublishedSchema.text(written));
        }

        Path bytes() {
            return VECTORS.resolve(name + ".bin");
        }
    }

    static Stream<Vector> vectors() throws IOException {
        try (Stream<Path> files = Files.list(VECTORS)) {
            return files
                    .filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .map(WireVectorsTest::vector)
                    .toList()
                    .stream();
        }
    }

    static Stream<Vector> current() throws IOException {
        return vectors().filter(Vector::isCurrent);
    }

    static Stream<Vector> events() throws IOException {
        return vectors().filter(vector -> vector.isOf("training-event"));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void writesTheGoldenBytes(Vector vector) throws IOException {
        byte[] written = encode(vector.written(), vector.value());
        if (WRITING) {
            Files.write(vector.bytes(), written);
        }

        assertThat(written).isEqualTo(Files.readAllBytes(vector.bytes()));
    }

    /** The writer of the service, as long as the contract is the one that the vectors were written with. */
    @ParameterizedTest
    @MethodSource("current")
    void theServiceWritesTheGoldenBytes(Vector vector) throws IOException {
        AvroWire<SpecificRecord> wire = wire(vector);
        SpecificData model = SpecificData.getForClass(typeOf(vector));

        byte[] written = wire.encode((SpecificRecord) build(vector.value(), schemaOf(vector), model));

        assertThat(written).isEqualTo(Files.readAllBytes(vector.bytes()));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void readsTheGoldenBytesAsTheyAreDescribed(Vector vector) throws IOException, UndecodableRecordException {
        assertThat(registry.register("subject", vector.written())).isEqualTo(1);

        SpecificRecord read = wire(vector).decode(Files.readAllBytes(vector.bytes()));

        assertThat(describe(read, read.getSchema())).isEqualTo(vector.read());
    }

    @ParameterizedTest
    @MethodSource("events")
    void theCoreTakesEveryEventAndSaysAgainWhatItKeeps(Vector vector) throws IOException, UndecodableRecordException {
        registry.register("subject", vector.written());
        AvroWire<TrainingEvent> wire = new AvroWire<>(TrainingEvent.class, "subject", registry, true);
        TrainingEvent event = wire.decode(Files.readAllBytes(vector.bytes()));

        TrainingEvent again = TrainingEvents.toAvro(
                TrainingEvents.toRunRecord(event, vector.value().get("run_id").textValue()));

        assertThat(describe(again, again.getSchema())).isEqualTo(vector.read());
    }

    @ParameterizedTest
    @MethodSource("events")
    void everyReleasedReaderReadsWhatIsWrittenNow(Vector vector) throws IOException, UndecodableRecordException {
        try (Stream<Path> releases = Files.list(SCHEMAS.resolve("released/training-event"))) {
            for (Path release : releases.toList()) {
                MemoryRegistry then = new MemoryRegistry();
                Schema released = parse(release);
                then.register("subject", released);
                byte[] old = encode(released, vector.read());

                TrainingEvent read = new AvroWire<>(TrainingEvent.class, "subject", then, true).decode(old);

                assertThat(describe(read, read.getSchema()))
                        .as("written with %s", release)
                        .isEqualTo(knownTo(released, vector.read()));
            }
        }
    }

    @Test
    void thereIsAVectorOfEveryContract() throws IOException {
        assertThat(vectors().map(Vector::contract).distinct())
                .containsExactlyInAnyOrder("training-event", "alert", "run-status");
    }

    private AvroWire<SpecificRecord> wire(Vector vector) {
        return new AvroWire<>(typeOf(vector), "subject", registry, true);
    }

    @SuppressWarnings("unchecked")
    private static Class<SpecificRecord> typeOf(Vector vector) {
        Class<? extends SpecificRecord> type = switch (vector.contract()) {
            case "training-event" -> TrainingEvent.class;
            case "alert" -> Alert.class;
            default -> RunStatus.class;
        };
        return (Class<SpecificRecord>) type;
    }

    private static Schema schemaOf(Vector vector) {
        Class<SpecificRecord> type = typeOf(vector);
        return SpecificData.getForClass(type).getSchema(type);
    }

    private static Vector vector(Path file) {
        try {
            JsonNode described = JSON.readTree(file.toFile());
            String schema = described.get("schema").textValue();
            Path contract = schema.startsWith("next/")
                    ? VECTORS.resolve(schema + ".avsc")
                    : SCHEMAS.resolve("released").resolve(schema + ".avsc");
            String name = file.getFileName().toString().replaceAll("\\.json$", "");
            JsonNode value = described.get("value");
            JsonNode read = described.has("read") ? described.get("read") : value;
            return new Vector(name, schema.replaceAll("^next/|/v\\d+$", ""), parse(contract), value, read);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Schema parse(Path file) throws IOException {
        return new Schema.Parser().parse(Files.readString(file));
    }

    /** Without generated classes: any version of a contract. */
    private static byte[] encode(Schema schema, JsonNode value) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[] {0, 0, 0, 0, 1});
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        new GenericDatumWriter<>(schema).write(build(value, schema, GenericData.get()), encoder);
        return bytes.toByteArray();
    }

    private static Object build(JsonNode value, Schema schema, GenericData model) {
        return switch (schema.getType()) {
            case RECORD -> record(value, schema, model);
            case UNION -> value.isNull() ? null : union(value, schema, model);
            case ARRAY -> {
                List<Object> items = new ArrayList<>();
                value.forEach(item -> items.add(build(item, schema.getElementType(), model)));
                yield items;
            }
            case MAP -> {
                Map<String, Object> entries = new LinkedHashMap<>();
                value.properties()
                        .forEach(e -> entries.put(e.getKey(), build(e.getValue(), schema.getValueType(), model)));
                yield entries;
            }
            case ENUM -> model.createEnum(value.textValue(), schema);
            case LONG -> isTime(schema, model) ? Instant.ofEpochMilli(value.longValue()) : (Object) value.longValue();
            case INT -> value.intValue();
            case DOUBLE -> value.isTextual() ? Double.parseDouble(value.textValue()) : value.doubleValue();
            case BOOLEAN -> value.booleanValue();
            case STRING -> value.textValue();
            default -> throw new AssertionError(schema);
        };
    }

    private static Object record(JsonNode value, Schema schema, GenericData model) {
        IndexedRecord record = (IndexedRecord) model.newRecord(null, schema);
        for (Schema.Field field : schema.getFields()) {
            JsonNode given = value.get(field.name());
            Object content = given == null ? model.getDefaultValue(field) : build(given, field.schema(), model);
            record.put(field.pos(), content);
        }
        return record;
    }

    private static Object union(JsonNode value, Schema union, GenericData model) {
        List<Schema> branches = branches(union);
        if (branches.size() == 1) {
            return build(value, branches.get(0), model);
        }
        Map.Entry<String, JsonNode> named = value.properties().iterator().next();
        Schema branch = branches.stream()
                .filter(one -> one.getName().equals(named.getKey()))
                .findFirst()
                .orElseThrow();
        return build(named.getValue(), branch, model);
    }

    /** Fields at their default are left out, as in the files. */
    private static JsonNode describe(Object value, Schema schema) {
        return switch (schema.getType()) {
            case RECORD -> {
                ObjectNode described = NODES.objectNode();
                IndexedRecord record = (IndexedRecord) value;
                for (Schema.Field field : schema.getFields()) {
                    JsonNode content = describe(record.get(field.pos()), field.schema());
                    if (!field.hasDefaultValue() || !content.equals(defaultOf(field))) {
                        described.set(field.name(), content);
                    }
                }
                yield described;
            }
            case UNION -> value == null ? NODES.nullNode() : describeUnion(value, branches(schema));
            case ARRAY -> {
                ArrayNode items = NODES.arrayNode();
                ((List<?>) value).forEach(item -> items.add(describe(item, schema.getElementType())));
                yield items;
            }
            case MAP -> {
                ObjectNode entries = NODES.objectNode();
                ((Map<?, ?>) value).forEach((k, v) -> entries.set(k.toString(), describe(v, schema.getValueType())));
                yield entries;
            }
            case LONG -> describeLong(value instanceof Instant time ? time.toEpochMilli() : (Long) value);
            case INT -> NODES.numberNode((Integer) value);
            case DOUBLE ->
                Double.isFinite((Double) value) ? NODES.numberNode((Double) value) : NODES.textNode(value.toString());
            case BOOLEAN -> NODES.booleanNode((Boolean) value);
            default -> NODES.textNode(value.toString());
        };
    }

    private static JsonNode describeUnion(Object value, List<Schema> branches) {
        if (branches.size() == 1) {
            return describe(value, branches.get(0));
        }
        Schema branch = ((IndexedRecord) value).getSchema();
        return NODES.objectNode().set(branch.getName(), describe(value, branch));
    }

    /** What of a described value a version of the contract has fields for. */
    private static JsonNode knownTo(Schema schema, JsonNode value) {
        return switch (schema.getType()) {
            case RECORD -> {
                ObjectNode known = NODES.objectNode();
                for (Schema.Field field : schema.getFields()) {
                    if (value.has(field.name())) {
                        known.set(field.name(), knownTo(field.schema(), value.get(field.name())));
                    }
                }
                yield known;
            }
            case ARRAY -> {
                ArrayNode items = NODES.arrayNode();
                value.forEach(item -> items.add(knownTo(schema.getElementType(), item)));
                yield items;
            }
            case UNION -> value.isNull() ? value : knownToUnion(branches(schema), value);
            default -> value;
        };
    }

    private static JsonNode knownToUnion(List<Schema> branches, JsonNode value) {
        if (branches.size() == 1) {
            return knownTo(branches.get(0), value);
        }
        Map.Entry<String, JsonNode> named = value.properties().iterator().next();
        Schema branch = branches.stream()
                .filter(one -> one.getName().equals(named.getKey()))
                .findFirst()
                .orElseThrow();
        return NODES.objectNode().set(named.getKey(), knownTo(branch, named.getValue()));
    }

    /** As Jackson reads it from a file: the narrowest type that holds it. */
    private static JsonNode describeLong(long value) {
        return value == (int) value ? NODES.numberNode((int) value) : NODES.numberNode(value);
    }

    private static JsonNode defaultOf(Schema.Field field) {
        return describe(SpecificData.getForSchema(field.schema()).getDefaultValue(field), field.schema());
    }

    private static List<Schema> branches(Schema union) {
        return union.getTypes().stream()
                .filter(branch -> branch.getType() != Schema.Type.NULL)
                .toList();
    }

    private static boolean isTime(Schema schema, GenericData model) {
        return schema.getLogicalType() != null && model.getConversionFor(schema.getLogicalType()) != null;
    }
}

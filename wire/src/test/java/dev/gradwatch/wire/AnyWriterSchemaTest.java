package dev.gradwatch.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.gradwatch.schemas.TrainingEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.avro.Schema;

/** Whatever schema somebody registers and whatever bytes they send: decoding ends, with a record or a refusal. */
class AnyWriterSchemaTest {

    /** A guard against a hang, which is what this is about; ordinary tries take a millisecond. */
    private static final Duration HANG = Duration.ofSeconds(60);

    @Property(tries = 300)
    void decodingEnds(@ForAll long seed) {
        Random random = new Random(seed);
        MemoryRegistry registry = new MemoryRegistry();
        AvroWire<TrainingEvent> wire = new AvroWire<>(TrainingEvent.class, "s", registry, true);
        String extra = new AnySchema(random).type(0);
        String ours = TrainingEvent.getClassSchema().toString();
        Schema writer = new Schema.Parser()
                .parse(ours.replace(
                        "\"fields\":[{\"name\":\"run_id\"",
                        "\"fields\":[{\"name\":\"extra\",\"type\":" + extra + "},{\"name\":\"run_id\""));
        byte[] bytes = new byte[5 + random.nextInt(400)];
        for (int i = 5; i < bytes.length; i++) {
            // Small numbers more often than not: counts, branches and lengths that can be.
            bytes[i] = (byte) (random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(8));
        }
        bytes[4] = (byte) registry.add(writer);

        assertTimeoutPreemptively(HANG, () -> {
            try {
                assertThat(wire.decode(bytes)).isNotNull();
            } catch (UndecodableRecordException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        });
    }

    /** Records that share, nest and contain each other, lists of nothing, and unions of it all. */
    private static final class AnySchema {
        private final Random random;
        private final List<String> names = new ArrayList<>();

        AnySchema(Random random) {
            this.random = random;
        }

        String type(int depth) {
            int kind = depth > 12 ? random.nextInt(4) : random.nextInt(12);
            return switch (kind) {
                case 0 -> "\"null\"";
                case 1 -> "\"long\"";
                case 2 -> "\"string\"";
                case 3 -> names.isEmpty() ? "\"int\"" : "\"" + names.get(random.nextInt(names.size())) + "\"";
                case 4, 5 -> "{\"type\":\"array\",\"items\":" + type(depth + 1) + "}";
                case 6 -> "{\"type\":\"map\",\"values\":" + type(depth + 1) + "}";
                case 7 -> "[\"null\"," + record(depth) + "]";
                default -> record(depth);
            };
        }

        private String record(int depth) {
            String name = "R" + names.size();
            names.add(name);
            StringBuilder fields = new StringBuilder();
            int count = random.nextInt(4);
            for (int i = 0; i < count; i++) {
                fields.append(i == 0 ? "" : ",")
                        .append("{\"name\":\"f")
                        .append(i)
                        .append("\",\"type\":")
                        .append(type(depth + 1))
                        .append('}');
            }
            return "{\"type\":\"record\",\"name\":\"" + name + "\",\"fields\":[" + fields + "]}";
        }
    }
}

package dev.gradwatch.app.engine.failure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.app.engine.partitions.BadRecords;
import dev.gradwatch.app.engine.partitions.PausedPartitions;
import dev.gradwatch.wire.DeadLetterCause;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.internal.AbstractRecords;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;

class DeadLettersTest {

    private static final int LARGEST = 20_000;

    private final DeadLetters letters = new DeadLetters(
            "gradwatch",
            LARGEST,
            new BadRecords(1, 1, BadRecords.Reaction.CONTINUE, new PausedPartitions(() -> 0), () -> 0),
            new FailureListener() {},
            "write-dead-letters");

    @Test
    void keepsTheOriginalAndSaysWhereItWas() {
        Headers headers = new RecordHeaders().add("trace", bytes("t-1"));
        Original original = new Original(bytes("run-1"), bytes("rubbish"), headers, "events", 3, 42, 1234);
        Record<byte[], byte[]> letter = letters.letter(original, DeadLetterCause.NOT_WIRE_FORMAT, "no magic byte");
        assertThat(letter.key()).isEqualTo(bytes("run-1"));
        assertThat(letter.value()).isEqualTo(bytes("rubbish"));
        assertThat(header(letter, "trace")).isEqualTo("t-1");
        assertThat(header(letter, "gradwatch.cause")).isEqualTo("not-wire-format");
        assertThat(header(letter, "gradwatch.reason")).isEqualTo("no magic byte");
        assertThat(header(letter, "gradwatch.origin.topic")).isEqualTo("events");
        assertThat(header(letter, "gradwatch.origin.partition")).isEqualTo("3");
        assertThat(header(letter, "gradwatch.origin.offset")).isEqualTo("42");
        assertThat(header(letter, "gradwatch.origin.timestamp")).isEqualTo("1234");
        assertThat(header(letter, "gradwatch.application")).isEqualTo("gradwatch");
    }

    @Test
    void keepsAbsentKeysAndValuesAbsent() {
        Original original = new Original(null, null, new RecordHeaders(), "events", 0, 0, 0);
        Record<byte[], byte[]> letter = letters.letter(original, DeadLetterCause.EMPTY_VALUE, "no value");
        assertThat(letter.key()).isNull();
        assertThat(letter.value()).isNull();
    }

    @Test
    void cutsWhatIsTooLargeAndSaysHowLargeItWas() {
        Original original = new Original(new byte[50_000], new byte[90_000], new RecordHeaders(), "events", 0, 0, 0);
        Record<byte[], byte[]> letter = letters.letter(original, DeadLetterCause.UNREADABLE, "rubbish");
        assertThat(header(letter, "gradwatch.full.key.bytes")).isEqualTo("50000");
        assertThat(header(letter, "gradwatch.full.value.bytes")).isEqualTo("90000");
    }

    @Test
    void fitsIntoARecordWhateverTheOriginalIs() {
        long seed = 7;
        Random random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            Headers headers = new RecordHeaders();
            for (int h = random.nextInt(20); h > 0; h--) {
                headers.add("h".repeat(1 + random.nextInt(300)), new byte[random.nextInt(3000)]);
            }
            Original original = new Original(
                    new byte[random.nextInt(40_000)],
                    new byte[random.nextInt(60_000)],
                    headers,
                    "events",
                    random.nextInt(100),
                    random.nextLong() >>> 1,
                    random.nextLong() >>> 1);
            Record<byte[], byte[]> letter =
                    letters.letter(original, DeadLetterCause.TOO_MANY_LAYERS, "x".repeat(random.nextInt(3000)));
            int size = AbstractRecords.estimateSizeInBytesUpperBound(
                    RecordBatch.MAGIC_VALUE_V2,
                    CompressionType.NONE,
                    letter.key(),
                    letter.value(),
                    letter.headers().toArray());
            assertThat(size).as("seed %d, round %d", seed, i).isLessThanOrEqualTo(LARGEST + 100);
        }
    }

    private static String header(Record<byte[], byte[]> letter, String name) {
        Header header = letter.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

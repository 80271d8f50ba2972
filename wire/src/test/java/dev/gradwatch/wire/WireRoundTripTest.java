package dev.gradwatch.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.schemas.TrainingEvent;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What goes out comes back equal; what was damaged on the way is refused and never anything worse. */
class WireRoundTripTest {

    private final MemoryRegistry registry = new MemoryRegistry();
    private final AvroWire<TrainingEvent> wire =
            new AvroWire<>(TrainingEvent.class, "training-events-value", registry, true);

    @Provide
    Arbitrary<RunRecord> records() {
        return RunRecords.arbitrary();
    }

    @Provide
    Arbitrary<byte[]> anyBytes() {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(300);
    }

    @Property
    void everyRecordComesBackEqual(@ForAll("records") RunRecord record) throws UndecodableRecordException {
        byte[] bytes = wire.encode(TrainingEvents.toAvro(record));

        assertThat(TrainingEvents.toRunRecord(wire.decode(bytes), record.runId()))
                .isEqualTo(record);
    }

    @Property
    void randomBytesAreRefusedAndNothingElse(@ForAll("anyBytes") byte[] bytes) {
        readAnyway(bytes);
        readAnyway(behindValidHeader(bytes));
    }

    @Property
    void damagedRecordsAreReadOrRefusedAndNothingElse(
            @ForAll("records") RunRecord record, @ForAll int where, @ForAll byte flipped, @ForAll byte inserted) {
        byte[] bytes = wire.encode(TrainingEvents.toAvro(record));
        int at = 5 + Math.floorMod(where, bytes.length - 5);

        byte[] changed = bytes.clone();
        changed[at] ^= flipped;
        readAnyway(changed);

        byte[] longer = new byte[bytes.length + 1];
        System.arraycopy(bytes, 0, longer, 0, at);
        longer[at] = inserted;
        System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
        readAnyway(longer);
    }

    @Property
    void cutRecordsAreRefused(@ForAll("records") RunRecord record, @ForAll int where) {
        byte[] bytes = wire.encode(TrainingEvents.toAvro(record));
        byte[] cut = Arrays.copyOf(bytes, Math.floorMod(where, bytes.length));

        assertThat(readAnyway(cut)).isFalse();
    }

    /** Any exception but the refusal fails the property. */
    private boolean readAnyway(byte[] bytes) {
        try {
            TrainingEvent event = wire.decode(bytes);
            TrainingEvents.toRunRecord(event, event.getRunId());
            return true;
        } catch (UndecodableRecordException e) {
            assertThat(e.getMessage()).isNotBlank();
            return false;
        }
    }

    private byte[] behindValidHeader(byte[] body) {
        byte[] bytes = new byte[body.length + 5];
        bytes[4] = (byte) wire.schemaId();
        System.arraycopy(body, 0, bytes, 5, body.length);
        return bytes;
    }
}

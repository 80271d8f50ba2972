package dev.gradwatch.recorded.tensorboard;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/** Writes TensorBoard event files byte by byte as their description says, so that tests can append to one and damage one. */
public final class EventFileWriter {

    private final Path file;

    public EventFileWriter(Path file) {
        this.file = file;
    }

    /** Appends one event with one scalar. */
    public EventFileWriter scalar(double wallTime, long step, String tag, float value) {
        ByteArrayOutputStream scalar = new ByteArrayOutputStream();
        bytes(scalar, 1, tag.getBytes(StandardCharsets.UTF_8));
        scalar.write((2 << 3) | 5);
        scalar.writeBytes(little(Float.BYTES).putFloat(value).array());
        return append(event(wallTime, step, scalar.toByteArray()));
    }

    /** Appends one event whose scalar is a tensor, given as the fields of a {@code TensorProto}. */
    public EventFileWriter tensor(double wallTime, long step, String tag, String plugin, byte[] tensor) {
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        bytes(name, 1, plugin.getBytes(StandardCharsets.UTF_8));
        ByteArrayOutputStream metadata = new ByteArrayOutputStream();
        bytes(metadata, 1, name.toByteArray());
        ByteArrayOutputStream scalar = new ByteArrayOutputStream();
        bytes(scalar, 1, tag.getBytes(StandardCharsets.UTF_8));
        bytes(scalar, 8, tensor);
        bytes(scalar, 9, metadata.toByteArray());
        return append(event(wallTime, step, scalar.toByteArray()));
    }

    /** Appends these bytes as they are. */
    public EventFileWriter append(byte[] bytes) {
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** The frame of an event with one value. */
    public static byte[] event(double wallTime, long step, byte[] value) {
        ByteArrayOutputStream summary = new ByteArrayOutputStream();
        bytes(summary, 1, value);
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        event.write((1 << 3) | 1);
        event.writeBytes(little(Double.BYTES).putDouble(wallTime).array());
        event.write(2 << 3);
        varint(event, step);
        bytes(event, 5, summary.toByteArray());
        return frame(event.toByteArray());
    }

    public static byte[] frame(byte[] content) {
        byte[] length = little(Long.BYTES).putLong(content.length).array();
        return little(length.length + content.length + 2 * Integer.BYTES)
                .put(length)
                .putInt(masked(length))
                .put(content)
                .putInt(masked(content))
                .array();
    }

    static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
        varint(out, ((long) field << 3) | 2);
        varint(out, value.length);
        out.writeBytes(value);
    }

    static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int masked(byte[] bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, bytes.length);
        int value = (int) checksum.getValue();
        return Integer.rotateRight(value, 15) + 0xa282ead8;
    }
}

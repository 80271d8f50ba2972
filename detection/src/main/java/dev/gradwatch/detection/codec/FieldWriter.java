package dev.gradwatch.detection.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes fields into a growing buffer. Not thread-safe. */
public final class FieldWriter implements Fields {

    private byte[] buffer = new byte[1024];
    private int size;

    public byte[] toByteArray() {
        return Arrays.copyOf(buffer, size);
    }

    @Override
    public boolean reading() {
        return false;
    }

    @Override
    public double number(double value) {
        long bits = Double.doubleToRawLongBits(value);
        room(Long.BYTES);
        for (int shift = 56; shift >= 0; shift -= 8) {
            buffer[size++] = (byte) (bits >>> shift);
        }
        return value;
    }

    @Override
    public float float32(float value) {
        int bits = Float.floatToRawIntBits(value);
        room(Integer.BYTES);
        for (int shift = 24; shift >= 0; shift -= 8) {
            buffer[size++] = (byte) (bits >>> shift);
        }
        return value;
    }

    @Override
    public double compactNumber(double value) {
        long small = (long) value;
        // Both sides: the size of the most negative long is itself negative.
        if (small > -(1 << 30)
                && small < 1 << 30
                && Double.doubleToRawLongBits((double) small) == Double.doubleToRawLongBits(value)) {
            // Even numbers are whole values, 1 announces eight bytes.
            varint(small * 2);
        } else {
            varint(1);
            number(value);
        }
        return value;
    }

    @Override
    public long varint(long value) {
        long rest = (value << 1) ^ (value >> 63);
        room(10);
        while ((rest & ~0x7FL) != 0) {
            buffer[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        buffer[size++] = (byte) rest;
        return value;
    }

    @Override
    public boolean flag(boolean value) {
        room(1);
        buffer[size++] = (byte) (value ? 1 : 0);
        return value;
    }

    @Override
    public String text(String value) {
        if (value == null) {
            varint(-1);
            return null;
        }
        bytes(value.getBytes(StandardCharsets.UTF_8));
        return value;
    }

    /** A length and that many bytes. */
    public void bytes(byte[] value) {
        varint(value.length);
        room(value.length);
        System.arraycopy(value, 0, buffer, size, value.length);
        size += value.length;
    }

    private void room(int more) {
        if (size + more > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, size + more));
        }
    }
}

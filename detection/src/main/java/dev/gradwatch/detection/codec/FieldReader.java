package dev.gradwatch.detection.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads what {@link FieldWriter} wrote. Damaged bytes end in an {@link IllegalArgumentException}, never in another one. */
public final class FieldReader implements Fields {

    private final byte[] bytes;
    private final int end;
    private int at;

    public FieldReader(byte[] bytes) {
        this.bytes = bytes;
        end = bytes.length;
    }

    public boolean atEnd() {
        return at == end;
    }

    @Override
    public boolean reading() {
        return true;
    }

    @Override
    public boolean hasMore() {
        return !atEnd();
    }

    @Override
    public double number(double ignored) {
        need(Long.BYTES);
        long bits = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            bits = (bits << 8) | (bytes[at++] & 0xFF);
        }
        return Double.longBitsToDouble(bits);
    }

    @Override
    public float float32(float ignored) {
        need(Integer.BYTES);
        int bits = 0;
        for (int i = 0; i < Integer.BYTES; i++) {
            bits = (bits << 8) | (bytes[at++] & 0xFF);
        }
        return Float.intBitsToFloat(bits);
    }

    @Override
    public double compactNumber(double ignored) {
        long head = varint(0);
        return (head & 1) == 0 ? head >> 1 : number(0);
    }

    @Override
    public long varint(long ignored) {
        long rest = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            need(1);
            byte next = bytes[at++];
            rest |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return (rest >>> 1) ^ -(rest & 1);
            }
        }
        throw new IllegalArgumentException("damaged at byte " + at + ": a number without an end");
    }

    @Override
    public boolean flag(boolean ignored) {
        need(1);
        return bytes[at++] != 0;
    }

    @Override
    public String text(String ignored) {
        long length = varint(0);
        if (length == -1) {
            return null;
        }
        return new String(slice(length), StandardCharsets.UTF_8);
    }

    /** A length and that many bytes. */
    public byte[] bytes() {
        return slice(varint(0));
    }

    private byte[] slice(long length) {
        if (length < 0 || length > end - at) {
            throw new IllegalArgumentException(
                    "damaged at byte " + at + ": " + length + " bytes announced, " + (end - at) + " left");
        }
        at += (int) length;
        return Arrays.copyOfRange(bytes, at - (int) length, at);
    }

    private void need(int count) {
        if (end - at < count) {
            throw new IllegalArgumentException("damaged at byte " + at + ": cut short");
        }
    }
}

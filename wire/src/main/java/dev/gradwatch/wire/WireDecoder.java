package dev.gradwatch.wire;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;

/**
 * Reads Avro binary from one byte array and believes no length in it: a string, array or map that claims more than the bytes that are left
 * is refused before anything is allocated. Avro's own decoder allocates first, and its limits are process-wide system properties.
 *
 * <p>An element of an array or map takes at least one byte in every schema that makes sense here, so a block may not have more elements
 * than bytes are left. Not thread-safe; reused for record after record.
 */
final class WireDecoder extends Decoder {

    private byte[] bytes = {};
    private int position;

    WireDecoder reset(byte[] newBytes, int start) {
        bytes = newBytes;
        position = start;
        return this;
    }

    /** Bytes that were not read yet. */
    int remaining() {
        return bytes.length - position;
    }

    @Override
    public void readNull() {
        // takes no bytes
    }

    @Override
    public boolean readBoolean() throws IOException {
        byte value = next();
        if (value != 0 && value != 1) {
            throw damaged("a boolean is " + value);
        }
        return value == 1;
    }

    @Override
    public int readInt() throws IOException {
        long value = readLong();
        if (value != (int) value) {
            throw damaged("an int is " + value);
        }
        return (int) value;
    }

    @Override
    public long readLong() throws IOException {
        long zigzag = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte b = next();
            zigzag |= (b & 0x7fL) << shift;
            if (b >= 0) {
                return (zigzag >>> 1) ^ -(zigzag & 1);
            }
        }
        throw damaged("a number is longer than 10 bytes");
    }

    @Override
    public float readFloat() throws IOException {
        return Float.intBitsToFloat((int) littleEndian(Float.BYTES));
    }

    @Override
    public double readDouble() throws IOException {
        return Double.longBitsToDouble(littleEndian(Double.BYTES));
    }

    @Override
    public Utf8 readString(Utf8 old) throws IOException {
        return new Utf8(readString());
    }

    @Override
    public String readString() throws IOException {
        int length = length();
        String text = new String(bytes, position, length, StandardCharsets.UTF_8);
        position += length;
        return text;
    }

    @Override
    public void skipString() throws IOException {
        skipFixed(length());
    }

    @Override
    public ByteBuffer readBytes(ByteBuffer old) throws IOException {
        byte[] copy = new byte[length()];
        readFixed(copy, 0, copy.length);
        return ByteBuffer.wrap(copy);
    }

    @Override
    public void skipBytes() throws IOException {
        skipFixed(length());
    }

    @Override
    public void readFixed(byte[] target, int start, int length) throws IOException {
        require(length);
        System.arraycopy(bytes, position, target, start, length);
        position += length;
    }

    @Override
    public void skipFixed(int length) throws IOException {
        require(length);
        position += length;
    }

    @Override
    public int readEnum() throws IOException {
        return readInt();
    }

    @Override
    public int readIndex() throws IOException {
        return readInt();
    }

    @Override
    public long readArrayStart() throws IOException {
        return blockCount();
    }

    @Override
    public long arrayNext() throws IOException {
        return blockCount();
    }

    @Override
    public long skipArray() throws IOException {
        return skipBlocks();
    }

    @Override
    public long readMapStart() throws IOException {
        return blockCount();
    }

    @Override
    public long mapNext() throws IOException {
        return blockCount();
    }

    @Override
    public long skipMap() throws IOException {
        return skipBlocks();
    }

    private long blockCount() throws IOException {
        long count = readLong();
        if (count < 0) {
            count = -count;
            length();
        }
        return believable(count);
    }

    /** Skips blocks that say how many bytes they take; returns the elements of the first that does not, or 0 at the end. */
    private long skipBlocks() throws IOException {
        long count = readLong();
        while (count < 0) {
            skipFixed(length());
            count = readLong();
        }
        return believable(count);
    }

    private long believable(long count) throws IOException {
        if (count < 0 || count > remaining()) {
            throw damaged("a list claims " + count + " elements where " + remaining() + " bytes are left");
        }
        return count;
    }

    private int length() throws IOException {
        long length = readLong();
        if (length < 0 || length > remaining()) {
            throw damaged("a text or block claims " + length + " bytes where " + remaining() + " are left");
        }
        return (int) length;
    }

    private long littleEndian(int size) throws IOException {
        require(size);
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (bytes[position + i] & 0xffL) << (8 * i);
        }
        position += size;
        return value;
    }

    private byte next() throws IOException {
        require(1);
        return bytes[position++];
    }

    private void require(int length) throws IOException {
        if (length > remaining()) {
            throw new EOFException("the value ends at byte " + bytes.length + ", in the middle of a field");
        }
    }

    private IOException damaged(String what) {
        return new IOException(what + " (before byte " + position + " of " + bytes.length + ")");
    }
}

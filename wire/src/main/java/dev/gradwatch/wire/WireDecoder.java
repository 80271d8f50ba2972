package dev.gradwatch.wire;

import dev.gradwatch.detection.event.EventLimits;
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

    /** Enough for a text over the limit to stay over it: no character takes more than four bytes. */
    private static final int LONGEST_TEXT_BYTES = 4 * (EventLimits.TEXT_CHARACTERS + 1);

    /**
     * A block of a list or map.
     *
     * @param count its entries, 0 at the end of the list
     * @param end where it says that it ends, or -1
     */
    record Block(long count, int end) {}

    private byte[] bytes = {};
    private int position;
    private final int longestText;

    /** Texts of any length, for records of ours, whose writer is trusted to keep to limits of its own. */
    WireDecoder() {
        this(Integer.MAX_VALUE);
    }

    private WireDecoder(int longestText) {
        this.longestText = longestText;
    }

    /** For training events, which anybody may publish. */
    static WireDecoder ofEvents() {
        return new WireDecoder(LONGEST_TEXT_BYTES);
    }

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

    /** A text over the limit of events is read up to a little above it, to be cut or refused later without having taken its memory. */
    @Override
    public String readString() throws IOException {
        int length = length();
        String text = new String(bytes, position, Math.min(length, longestText), StandardCharsets.UTF_8);
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

    /** The next block of a list or map that is walked through. */
    Block readBlock() throws IOException {
        long count = readLong();
        int end = -1;
        if (count < 0) {
            count = -count;
            int size = length();
            end = position + size;
        }
        return new Block(believable(count), end);
    }

    /** Readers that skip a block by its size must come out where those come out that read it. */
    void endBlock(Block block) throws IOException {
        if (block.end() >= 0 && block.end() != position) {
            throw damaged("a block does not end where it says, at byte " + block.end());
        }
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

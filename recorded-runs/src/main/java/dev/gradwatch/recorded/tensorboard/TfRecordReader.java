package dev.gradwatch.recorded.tensorboard;

import dev.gradwatch.recorded.log.MalformedLogException;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The framing of TensorBoard's event files: length in eight bytes, checksum of the length, content, checksum of the content; little-endian.
 * Checksums are CRC-32C, turned and shifted so that a checksum over checksums stays sound.
 */
final class TfRecordReader implements Closeable {

    private static final int HEADER = Long.BYTES + Integer.BYTES;
    private static final int MASK_DELTA = 0xa282ead8;

    /** Far above any scalar; images and graphs may be larger, and are passed over. */
    private static final int LARGEST_READ = 16 << 20;

    private static final long LARGEST = 1L << 31;

    private final InputStream in;
    private final byte[] header = new byte[HEADER];
    private final CRC32C checksum = new CRC32C();
    private byte[] content = new byte[4096];
    private int length;
    private long offset;
    private long begin;

    /**
     * Goes on from a place between two frames.
     *
     * @param from how many bytes to pass over
     */
    TfRecordReader(InputStream in, long from) throws IOException {
        this.in = in;
        in.skipNBytes(from);
        this.offset = from;
        this.begin = from;
    }

    /**
     * Whether there is another whole frame; its content stands in {@link #content}.
     *
     * @throws EOFException when the file ends within it
     */
    boolean next() throws IOException, MalformedLogException {
        while (true) {
            begin = offset;
            int read = in.readNBytes(header, 0, HEADER);
            if (read == 0) {
                return false;
            }
            if (read < HEADER) {
                throw new EOFException();
            }
            ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
            long claimed = fields.getLong();
            if (masked(header, Long.BYTES) != fields.getInt()) {
                throw new MalformedLogException(
                        "the checksum of a length at byte " + begin + " is wrong", Long.toString(claimed));
            }
            if (claimed < 0 || claimed > LARGEST) {
                throw new MalformedLogException("an impossible length at byte " + begin, Long.toString(claimed));
            }
            if (claimed <= LARGEST_READ) {
                readContent((int) claimed);
                offset = begin + HEADER + claimed + Integer.BYTES;
                return true;
            }
            in.skipNBytes(claimed + Integer.BYTES);
            offset = begin + HEADER + claimed + Integer.BYTES;
        }
    }

    /** Little-endian, from 0 to its limit; valid until the next call of {@link #next}. */
    ByteBuffer content() {
        return ByteBuffer.wrap(content, 0, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Where the frame that was read last begins. */
    long begin() {
        return begin;
    }

    /** Behind the frame that was read last. */
    long offset() {
        return offset;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private void readContent(int claimed) throws IOException, MalformedLogException {
        if (content.length < claimed) {
            content = new byte[Math.max(claimed, content.length * 2)];
        }
        if (in.readNBytes(content, 0, claimed) < claimed || in.readNBytes(header, 0, Integer.BYTES) < Integer.BYTES) {
            throw new EOFException();
        }
        length = claimed;
        int found = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt();
        int expected = masked(content, claimed);
        if (found != expected) {
            throw new MalformedLogException(
                    "the checksum of a record at byte " + begin + " is wrong", Integer.toHexString(found));
        }
    }

    private int masked(byte[] bytes, int count) {
        checksum.reset();
        checksum.update(bytes, 0, count);
        int value = (int) checksum.getValue();
        return Integer.rotateRight(value, 15) + MASK_DELTA;
    }
}

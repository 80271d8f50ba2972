package dev.gradwatch.recorded.wandb;

import dev.gradwatch.recorded.log.MalformedLogException;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/**
 * The framing of a {@code .wandb} file: that of LevelDB's log behind a header of seven bytes. Blocks of 32 KiB hold pieces of records, each
 * with checksum (CRC-32 of type and data), length in two bytes and type (whole, first, middle, last); little-endian.
 */
final class WandbRecordReader implements Closeable {

    static final String IDENT = ":W&B";

    private static final int FILE_HEADER = 7;
    private static final int BLOCK = 32 << 10;
    private static final int PIECE_HEADER = 7;

    /** Far above any history record; images and tables are kept in files of their own. */
    private static final int LARGEST = 64 << 20;

    private static final int WHOLE = 1;
    private static final int FIRST = 2;
    private static final int LAST = 4;

    private final InputStream in;
    private final byte[] header = new byte[PIECE_HEADER];
    private long at;
    private long recordEnd;

    WandbRecordReader(InputStream in, long from) throws IOException {
        this.in = in;
        long begin = Math.max(FILE_HEADER, from);
        at = in.readNBytes(FILE_HEADER).length;
        if (at == FILE_HEADER) {
            in.skipNBytes(begin - at);
            at = begin;
        }
        recordEnd = at;
    }

    /** Behind the record that was read last. */
    long offset() {
        return recordEnd;
    }

    /**
     * The next record, or {@code null} at the end.
     *
     * @throws EOFException when the file ends within it
     */
    ByteBuffer next() throws IOException, MalformedLogException {
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        boolean begun = false;
        while (true) {
            long left = BLOCK - at % BLOCK;
            if (left < PIECE_HEADER) {
                skip(left);
                continue;
            }
            int read = in.readNBytes(header, 0, PIECE_HEADER);
            at += read;
            if (read == 0 && !begun) {
                return null;
            }
            if (read < PIECE_HEADER) {
                throw new EOFException();
            }
            ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
            int checksum = fields.getInt();
            int length = fields.getShort() & 0xffff;
            int type = fields.get();
            if (type == 0 && length == 0) {
                skip(BLOCK - at % BLOCK);
                continue;
            }
            byte[] piece = in.readNBytes(length);
            at += piece.length;
            if (piece.length < length) {
                throw new EOFException();
            }
            check(type, piece, checksum);
            if (type > LAST || begun != (type != WHOLE && type != FIRST) || record.size() + length > LARGEST) {
                throw new MalformedLogException("pieces of records do not follow each other at byte " + at, null);
            }
            record.write(piece, 0, length);
            begun = true;
            if (type == WHOLE || type == LAST) {
                recordEnd = at;
                return ByteBuffer.wrap(record.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
            }
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private void skip(long bytes) throws IOException {
        long skipped = in.skip(bytes);
        at += skipped;
        if (skipped < bytes && in.read() >= 0) {
            at++;
        } else if (skipped < bytes) {
            // The end, where the next read finds it too.
            at += bytes - skipped;
        }
    }

    private void check(int type, byte[] piece, int expected) throws MalformedLogException {
        CRC32 checksum = new CRC32();
        checksum.update(type);
        checksum.update(piece);
        if ((int) checksum.getValue() != expected) {
            throw new MalformedLogException("the checksum of a record before byte " + at + " is wrong", null);
        }
    }
}

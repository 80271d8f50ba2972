package dev.gradwatch.recorded.log;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Lines of bytes without a copy of each: {@link #next} leaves the line in {@link #bytes} from {@link #start} to {@link #end}, valid until
 * the following call. A line has a longest length, so that a file without line ends does not fill the memory.
 */
public final class LineReader implements Closeable {

    /** Far above the longest sensible record: 4096 layers in one step are about 600 KB. */
    public static final int LONGEST = 16 << 20;

    private static final int BUFFER = 64 << 10;

    private final InputStream in;
    private final boolean growing;
    private byte[] bytes = new byte[BUFFER];
    private int filled;
    private int start;
    private int end;
    private int following;
    private long number;
    private boolean ended;
    private long base;
    private boolean terminated;

    /**
     * Reads from the beginning of the content.
     *
     * @param growing whether a last line without a line end is not yet a line
     */
    public LineReader(InputStream in, boolean growing) {
        this.in = in;
        this.growing = growing;
    }

    /** Whether there is another line; blank lines are skipped but counted. */
    public boolean next() throws IOException, MalformedLogException {
        while (nextRaw()) {
            if (number == 1 && end - start >= 3 && startsWithByteOrderMark()) {
                start += 3;
            }
            while (start < end && isBlank(bytes[start])) {
                start++;
            }
            while (end > start && isBlank(bytes[end - 1])) {
                end--;
            }
            if (start < end && !isBlankLine()) {
                return true;
            }
        }
        return false;
    }

    /** The line as text. */
    public String text() {
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }

    public byte[] bytes() {
        return bytes;
    }

    public int start() {
        return start;
    }

    public int end() {
        return end;
    }

    /** Of the line that was read last, from 1. */
    public long number() {
        return number;
    }

    /** Behind the line that was read last. */
    public LogPosition mark() {
        return new LogPosition(base + following, number, false, null);
    }

    /** Whether the line that was read last had a line end; without one it may have been cut off. */
    public boolean isTerminated() {
        return terminated;
    }

    /** Goes on behind what was read before; only forward. */
    public void skipTo(LogPosition mark) throws IOException {
        long ahead = mark.offset() - base;
        if (ahead <= filled) {
            following = (int) Math.max(following, ahead);
        } else {
            in.skipNBytes(ahead - filled);
            base = mark.offset();
            filled = 0;
            following = 0;
        }
        start = following;
        number = Math.max(number, mark.line());
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private boolean nextRaw() throws IOException, MalformedLogException {
        start = following;
        int scanned = start;
        while (true) {
            for (int i = scanned; i < filled; i++) {
                if (bytes[i] == '\n') {
                    end = i;
                    following = i + 1;
                    number++;
                    terminated = true;
                    return true;
                }
            }
            scanned = filled;
            if (ended) {
                if (growing) {
                    return false;
                }
                terminated = false;
                end = filled;
                following = filled;
                boolean some = end > start;
                number += some ? 1 : 0;
                return some;
            }
            scanned -= makeRoom();
            fill();
        }
    }

    /** Moves the begun line to the front, or grows the buffer; returns by how much the content moved. */
    private int makeRoom() throws MalformedLogException {
        int moved = start;
        if (start > 0) {
            System.arraycopy(bytes, start, bytes, 0, filled - start);
            filled -= start;
            base += start;
            following -= start;
            start = 0;
        } else if (filled == bytes.length) {
            if (bytes.length >= LONGEST) {
                number++;
                throw new MalformedLogException("the line is longer than " + (LONGEST >> 20) + " MiB", null);
            }
            bytes = Arrays.copyOf(bytes, bytes.length * 2);
        }
        return moved;
    }

    private void fill() throws IOException {
        int read = in.read(bytes, filled, bytes.length - filled);
        if (read < 0) {
            ended = true;
        } else {
            filled += read;
        }
    }

    private boolean startsWithByteOrderMark() {
        return bytes[start] == (byte) 0xEF && bytes[start + 1] == (byte) 0xBB && bytes[start + 2] == (byte) 0xBF;
    }

    /** A file that was emptied under an open writer goes on behind zeros. */
    private static boolean isBlank(byte value) {
        return value == ' ' || value == '\r' || value == 0;
    }

    /** Tabs at an end are empty cells of a table, but a line of nothing else is blank. */
    private boolean isBlankLine() {
        for (int i = start; i < end; i++) {
            if (bytes[i] != '\t' && !isBlank(bytes[i])) {
                return false;
            }
        }
        return true;
    }
}

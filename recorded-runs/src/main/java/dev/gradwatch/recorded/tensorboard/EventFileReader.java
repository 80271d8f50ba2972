package dev.gradwatch.recorded.tensorboard;

import dev.gradwatch.recorded.log.LogPosition;
import dev.gradwatch.recorded.log.MalformedLogException;
import dev.gradwatch.recorded.log.RecordedRunException;
import dev.gradwatch.recorded.names.NameTable;
import dev.gradwatch.recorded.names.Scalar;
import dev.gradwatch.recorded.names.Scalar.Part;
import dev.gradwatch.recorded.scalars.ScalarEvent;
import dev.gradwatch.recorded.scalars.ScalarStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** One event file, one event ahead of its reader. */
final class EventFileReader implements ScalarStream {

    private static final int MOST_NAMES = 10_000;

    private final Path path;
    private final Part part;
    private final boolean growing;
    private final NameTable table;
    private final TfRecordReader frames;
    private final Map<String, Scalar> names = new HashMap<>();
    private ScalarEvent head;
    private long headBegin;
    private double firstTime = Double.NaN;
    private RecordedRunException fault;

    /**
     * Reads up to the first event with a scalar.
     *
     * @param part the samples, where the folder says so
     */
    EventFileReader(Path path, Part part, InputStream content, LogPosition from, boolean growing, NameTable table)
            throws IOException {
        this.path = path;
        this.part = part;
        this.growing = growing;
        this.table = table;
        this.frames = new TfRecordReader(content, from.offset());
        advance();
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public ScalarEvent head() {
        return head;
    }

    @Override
    public long headBegin() {
        return head == null ? frames.offset() : headBegin;
    }

    @Override
    public double firstTime() {
        return firstTime;
    }

    @Override
    public RecordedRunException fault() {
        return fault;
    }

    @Override
    public Scalar understood(String tag) {
        return names.size() < MOST_NAMES
                ? names.computeIfAbsent(tag, same -> table.read(same, part))
                : table.read(tag, part);
    }

    @Override
    public void advance() throws IOException {
        head = null;
        try {
            while (head == null && frames.next()) {
                ScalarEvent event = ScalarEventParser.parse(frames.content());
                if (Double.isNaN(firstTime)) {
                    firstTime = event.wallTime();
                }
                if (!event.values().isEmpty() && event.step() >= 0) {
                    head = event;
                    headBegin = frames.begin();
                }
            }
        } catch (EOFException e) {
            if (!growing) {
                fault = RecordedRunException.cutOff(
                        path, 0, "the file ends in the middle of the record at byte " + frames.begin(), null);
                fault.initCause(e);
            }
        } catch (MalformedLogException e) {
            String reason = e.getMessage().contains(" at byte ")
                    ? e.getMessage()
                    : e.getMessage() + ", in the record at byte " + frames.begin();
            fault = new RecordedRunException(path, 0, reason, e.value());
            fault.initCause(e);
        }
    }

    @Override
    public void close() throws IOException {
        frames.close();
    }
}

package dev.gradwatch.app.engine.state;

import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.state.RunStateCodec;
import java.nio.ByteBuffer;

/**
 * What the store holds of a run: a version byte, the wall clock of its last record in milliseconds, and the core's own bytes. The time lets
 * runs be forgotten although the service restarts more often than that takes. Stateless and thread-safe.
 */
public final class StoredRun {

    private static final byte VERSION = 1;
    private static final int HEADER_BYTES = 1 + Long.BYTES;
    private static final RunStateCodec CODEC = new RunStateCodec();

    private StoredRun() {}

    public static byte[] encode(LiveRun run) {
        byte[] state = CODEC.encode(run.state());
        return ByteBuffer.allocate(HEADER_BYTES + state.length)
                .put(VERSION)
                .putLong(run.heardMillis())
                .put(state)
                .array();
    }

    /**
     * Reads what {@code encode} wrote.
     *
     * @throws UnreadableStateException when the bytes are damaged or of a later version
     */
    public static LiveRun decode(String runId, byte[] bytes) {
        if (bytes.length <= HEADER_BYTES || bytes[0] != VERSION) {
            throw new UnreadableStateException(
                    "the stored state of run " + runId + " (" + bytes.length + " bytes) has no version " + VERSION
                            + " at its beginning: it is damaged, or a later Gradwatch wrote it; run that version, or"
                            + " reset the application",
                    null);
        }
        long heardMillis = ByteBuffer.wrap(bytes).getLong(1);
        byte[] state = new byte[bytes.length - HEADER_BYTES];
        System.arraycopy(bytes, HEADER_BYTES, state, 0, state.length);
        try {
            RunState decoded = CODEC.decode(state);
            return new LiveRun(runId, decoded, heardMillis);
        } catch (RuntimeException e) {
            throw new UnreadableStateException(
                    "the stored state of run " + runId + " cannot be read; run the version of Gradwatch that wrote it,"
                            + " or reset the application: " + e.getMessage(),
                    e);
        }
    }
}

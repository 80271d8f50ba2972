package dev.gradwatch.recorded.follow;

import dev.gradwatch.recorded.AttemptBounds;
import java.util.List;
import java.util.Map;

/**
 * What has to be kept of a followed run so that nothing is missed and nothing is told twice.
 *
 * @param runId under which it was published; {@code null} before anything was
 * @param attempt the current one
 * @param timeMillis of the last record
 * @param finished whether the attempt was said to have ended
 * @param bounds of the attempt, see {@link AttemptBounds#numbers()}
 * @param files how far each file was read, by its absolute path
 * @param recent fingerprints of the last events, oldest first: they find the place in a file that was written anew
 * @param events how many were published, registrations included
 */
public record TailPosition(
        String runId,
        int attempt,
        long timeMillis,
        boolean finished,
        List<Double> bounds,
        Map<String, FilePosition> files,
        List<Long> recent,
        long events) {

    /** Of a run that was never read. */
    public static final TailPosition NEW = new TailPosition(null, 1, 0, false, List.of(), Map.of(), List.of(), 0);

    public TailPosition {
        bounds = List.copyOf(bounds);
        files = Map.copyOf(files);
        recent = List.copyOf(recent);
    }

    /** Whether anything of it was published. */
    public boolean isStarted() {
        return runId != null;
    }
}

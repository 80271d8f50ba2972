package dev.gradwatch.recorded.log;

import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunStarted;

/**
 * What a recorded run says of itself before its first record.
 *
 * @param runId {@code null} when the file does not name the run
 * @param attempt 1 unless the file says otherwise
 * @param startMillis when the run began, or {@code null}
 * @param registration what is known of the run; its name may be {@code null}
 * @param finished how the run ended, to be said after the last record; {@code null} when unknown
 */
public record RunHeader(String runId, int attempt, Long startMillis, RunStarted registration, RunFinished finished) {

    /** Of a file that says nothing of its run. */
    public static final RunHeader EMPTY =
            new RunHeader(null, 1, null, RunStarted.builder().build(), null);
}

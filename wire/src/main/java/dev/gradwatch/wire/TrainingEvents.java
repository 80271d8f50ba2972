package dev.gradwatch.wire;

import dev.gradwatch.detection.event.EventLimits;
import dev.gradwatch.detection.event.EventSanitizer;
import dev.gradwatch.detection.event.ImpossibleEventException;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.text.Sanitizer;
import dev.gradwatch.schemas.TrainingEvent;
import java.time.Instant;

/**
 * Between the Avro record {@link TrainingEvent} and the core's {@link RunRecord}. What comes in is held against {@link EventLimits}, because
 * the core may rely on them: an impossible optional value costs its field, not the record; what goes out is not.
 */
public final class TrainingEvents {

    /**
     * The header of a record that says who published it, UTF-8 text such as {@code team-vision/ci}. A run that was registered with one may
     * be registered anew only with the same. It is as trustworthy as the right to write to the topic.
     */
    public static final String PUBLISHER_HEADER = "gradwatch.publisher";

    private TrainingEvents() {}

    /**
     * The core's form of a record that was read.
     *
     * @param recordKey the Kafka record's key; may be {@code null}
     * @throws UndecodableRecordException when the key is not the run id, or a value that the event cannot do without is impossible; the
     *     message names field and value
     */
    public static RunRecord toRunRecord(TrainingEvent event, String recordKey) throws UndecodableRecordException {
        String runId = event.getRunId();
        if (!runId.equals(recordKey)) {
            throw new UndecodableRecordException(
                    DeadLetterCause.WRONG_KEY,
                    "the record's key is " + Sanitizer.quoted(recordKey) + ", but run_id is " + Sanitizer.quoted(runId)
                            + "; publish with the run id as key");
        }
        if (!EventLimits.isRunId(runId)) {
            throw new UndecodableRecordException(
                    DeadLetterCause.IMPOSSIBLE_VALUE,
                    "run_id is " + Sanitizer.quoted(runId) + "; it must be 1 to " + EventLimits.RUN_ID_CHARACTERS
                            + " characters and not blank");
        }
        RunRecord raw = new RunRecord(
                runId, event.getAttempt(), event.getEventTime().toEpochMilli(), EventReader.read(event.getEvent()));
        try {
            return EventSanitizer.sanitize(raw);
        } catch (ImpossibleEventException e) {
            throw new UndecodableRecordException(DeadLetterCause.IMPOSSIBLE_VALUE, e.getMessage(), e);
        }
    }

    /**
     * The same for a record of a topic: its times are bounded by the record's own, and its registration knows who published it.
     *
     * @param writtenMillis the Kafka record's timestamp, milliseconds since 1970 UTC
     * @param publisher who published it, as its header {@link #PUBLISHER_HEADER} says, or {@code null}
     */
    public static RunRecord toRunRecord(TrainingEvent event, String recordKey, long writtenMillis, String publisher)
            throws UndecodableRecordException {
        RunRecord record = EventSanitizer.withBoundedTimes(toRunRecord(event, recordKey), writtenMillis);
        if (publisher == null || !(record.event() instanceof RunStarted started)) {
            return record;
        }
        RunStarted signed =
                started.toBuilder().publisher(EventLimits.cut(publisher)).build();
        return new RunRecord(record.runId(), record.attempt(), record.timeMillis(), signed, record.ignored());
    }

    /**
     * The published form of a record.
     *
     * @throws IllegalArgumentException for a {@link dev.gradwatch.detection.event.Tick}, which is never published
     */
    public static TrainingEvent toAvro(RunRecord record) {
        return new TrainingEvent(
                record.runId(),
                record.attempt(),
                Instant.ofEpochMilli(record.timeMillis()),
                EventWriter.write(record.event()));
    }
}

package dev.gradwatch.wire;

import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.schemas.TrainingEvent;
import java.time.Instant;

/**
 * Between the Avro record {@link TrainingEvent} and the core's {@link RunRecord}. What comes in is checked against the ranges that the schema
 * documents, because the core may rely on them; what goes out is not.
 *
 * <p>Free text that only people read (names of the run, its project and so on, tag values, reasons) is cut at 1024 characters instead of
 * refused: a registration is worth more than the end of a long text.
 */
public final class TrainingEvents {

    private TrainingEvents() {}

    /**
     * The core's form of a record that was read.
     *
     * @param recordKey the Kafka record's key; may be {@code null}
     * @throws UndecodableRecordException when the key is not the run id, or a value is impossible; the message names field and value
     */
    public static RunRecord toRunRecord(TrainingEvent event, String recordKey) throws UndecodableRecordException {
        String runId = event.getRunId();
        if (!runId.equals(recordKey)) {
            throw new UndecodableRecordException(
                    DeadLetterCause.WRONG_KEY,
                    "the record's key is " + Shown.text(recordKey) + ", but run_id is " + Shown.text(runId)
                            + "; publish with the run id as key");
        }
        if (runId.isBlank() || runId.length() > Check.LONGEST_RUN_ID) {
            throw Check.impossible(
                    "run_id", Shown.text(runId), "1 to " + Check.LONGEST_RUN_ID + " characters and not blank");
        }
        Check.atLeast("attempt", event.getAttempt(), 1);
        return new RunRecord(
                runId,
                event.getAttempt(),
                EventReader.millis("event_time", event.getEventTime()),
                EventReader.read(event.getEvent()));
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

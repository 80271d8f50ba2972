package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.FieldReader;
import dev.gradwatch.detection.codec.FieldWriter;
import dev.gradwatch.detection.codec.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The stored form of {@link RunState}: a version byte, then sections, each with its number and length. A reader skips sections that it does
 * not know and starts afresh those that are missing, so a part of the state can be added without a new version, and so can a field at the
 * end of a section, which asks whether there is more before it is read. The version byte rises only when a layout changes
 * otherwise. Stateless and thread-safe.
 */
public final class RunStateCodec {

    /** The layout that is written. Every earlier one is read. */
    static final byte VERSION = 1;

    private record Section(int number, BiConsumer<RunState, Fields> exchange) {}

    /** Numbers are never reused. */
    private static final List<Section> SECTIONS = List.of(
            new Section(1, (run, fields) -> {
                run.runId = fields.text(run.runId);
                run.progress.exchange(fields);
                run.stepNorms(fields.flag(run.stepNorms()));
                run.progress.exchangeMore(fields);
            }),
            new Section(2, (run, fields) -> {
                run.remember(RegistrationFields.exchange(fields, run.registration));
                run.registrationAttempt = (int) fields.varint(run.registrationAttempt);
                run.registeredLayers = fields.hasMore() ? (int) fields.varint(run.registeredLayers) : 0;
                run.remember(RegistrationFields.exchangeMore(fields, run.registration));
            }),
            new Section(3, (run, fields) -> {
                run.loss.exchange(fields);
                run.epochsWithoutSteps(fields.hasMore() ? (int) fields.varint(run.epochsWithoutSteps()) : 0);
            }),
            new Section(4, (run, fields) -> run.norm.exchange(fields)),
            new Section(5, (run, fields) -> run.validation.exchange(fields)),
            new Section(6, (run, fields) -> run.learningRate.exchange(fields)),
            new Section(7, (run, fields) -> run.layers.exchange(fields)),
            new Section(8, (run, fields) -> {
                for (RepeatCounter metric : run.repeats.values()) {
                    metric.exchange(fields);
                }
            }),
            new Section(9, (run, fields) -> run.reportingInterval.exchange(fields)),
            new Section(10, (run, fields) -> run.memory.exchange(fields)),
            new Section(11, (run, fields) -> AlertFields.exchange(fields, run.alerts)),
            new Section(12, (run, fields) -> run.epochs.exchange(fields)),
            new Section(13, (run, fields) -> run.stepTimes.exchange(fields)),
            new Section(14, (run, fields) -> run.stride.exchange(fields)),
            new Section(15, (run, fields) -> run.ignored.exchange(fields)),
            new Section(16, (run, fields) -> AlertFields.exchangeMore(fields, run.alerts)));

    /** Serialises the whole state; equal states give equal bytes. */
    public byte[] encode(RunState run) {
        FieldWriter writer = new FieldWriter();
        writer.varint(VERSION);
        for (Section section : SECTIONS) {
            FieldWriter content = new FieldWriter();
            section.exchange().accept(run, content);
            writer.varint(section.number());
            writer.bytes(content.toByteArray());
        }
        return writer.toByteArray();
    }

    /**
     * Restores a state from bytes of this or an earlier version.
     *
     * @throws IllegalArgumentException when the bytes are of a later version or damaged; the message says which
     */
    public RunState decode(byte[] bytes) {
        FieldReader reader = new FieldReader(bytes);
        long version = reader.varint(0);
        if (version < 1 || version > VERSION) {
            throw new IllegalArgumentException("run state of version " + version + ", but this build reads 1 to "
                    + VERSION + ": start the version that wrote it, or reset the local state");
        }
        RunState run = new RunState(null);
        List<Long> seen = new ArrayList<>();
        while (!reader.atEnd()) {
            long number = reader.varint(0);
            FieldReader content = new FieldReader(reader.bytes());
            for (Section section : SECTIONS) {
                if (section.number() == number) {
                    section.exchange().accept(run, content);
                    seen.add(number);
                }
            }
        }
        if (!seen.contains(1L) || run.runId == null) {
            throw new IllegalArgumentException("run state without its first section: damaged");
        }
        return run;
    }
}

package dev.gradwatch.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.gradwatch.detection.event.EventField;
import dev.gradwatch.detection.event.IgnoredField;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.Tick;
import dev.gradwatch.schemas.EpochCompleted;
import dev.gradwatch.schemas.GradientNorms;
import dev.gradwatch.schemas.Heartbeat;
import dev.gradwatch.schemas.LayerDescription;
import dev.gradwatch.schemas.LayerNorms;
import dev.gradwatch.schemas.StepNorms;
import dev.gradwatch.schemas.TrainingEvent;
import dev.gradwatch.schemas.TrustedRecords;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingEventsTest {

    static {
        TrustedRecords.trust();
    }

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void refusesAKeyThatIsNotTheRunId() {
        TrainingEvent event = event("run-1", 1, NOON, new Heartbeat(null, null));

        assertThat(refused(event, "run-2"))
                .hasMessageContaining("'run-2'")
                .hasMessageContaining("'run-1'")
                .extracting(UndecodableRecordException::code)
                .isEqualTo("wrong-key");
        assertThat(refused(event, null).code()).isEqualTo("wrong-key");
        assertThat(refused(event, "run-1 ").code()).isEqualTo("wrong-key");
    }

    @Test
    void showsHostileTextCutAndWithoutControlCharacters() {
        String hostile = "\u001b[31m" + "x".repeat(5000);

        assertThat(refused(event(hostile, 1, NOON, new Heartbeat(null, null)), hostile)
                        .getMessage())
                .doesNotContain("\u001b")
                .hasSizeLessThan(300);
    }

    static Stream<Arguments> impossibleHeaders() {
        return Stream.of(
                Arguments.of("run_id", event(" ", 1, NOON, new Heartbeat(null, null))),
                Arguments.of("run_id", event("", 1, NOON, new Heartbeat(null, null))),
                Arguments.of("run_id", event("r".repeat(257), 1, NOON, new Heartbeat(null, null))),
                Arguments.of("attempt is 0", event("r", 0, NOON, new Heartbeat(null, null))),
                Arguments.of("event_time is 0 ms", event("r", 1, Instant.EPOCH, new Heartbeat(null, null))),
                Arguments.of(
                        "event_time", event("r", 1, Instant.ofEpochMilli(Long.MIN_VALUE), new Heartbeat(null, null))),
                Arguments.of("event is absent", event("r", 1, NOON, null)));
    }

    static Stream<Arguments> impossibleEvents() {
        return Stream.of(
                epoch("epoch is absent", e -> e.setEpoch(null)),
                epoch("epoch is NaN", e -> e.setEpoch(Double.NaN)),
                epoch("epoch is -0.5", e -> e.setEpoch(-0.5)),
                epoch("epoch is Infinity", e -> e.setEpoch(Double.POSITIVE_INFINITY)),
                step("steps.step is -1", e -> e.setStep(-1)),
                Arguments.of("steps is empty", event("r", 1, NOON, new GradientNorms(List.of()))),
                Arguments.of("steps.step is 7 after 7", event("r", 1, NOON, steps(7, 7))),
                Arguments.of("steps.step is 6 after 7", event("r", 1, NOON, steps(7, 6))));
    }

    static Stream<Arguments> impossibleFields() {
        return Stream.of(
                started("output_units 0", e -> e.setOutputUnits(0)),
                started("classes 1", e -> e.setClasses(1)),
                started("run.learning_rate 0.0", e -> e.setLearningRate(0.0)),
                started("run.learning_rate NaN", e -> e.setLearningRate(Double.NaN)),
                started("warmup_steps -1", e -> e.setWarmupSteps(-1L)),
                started("clip_threshold Infinity", e -> e.setClipThreshold(Double.POSITIVE_INFINITY)),
                started("batch_size 0", e -> e.setBatchSize(0)),
                started("steps_per_epoch 0", e -> e.setStepsPerEpoch(0L)),
                started("planned_epochs -3", e -> e.setPlannedEpochs(-3)),
                started("planned_steps 0", e -> e.setPlannedSteps(0L)),
                started("layers.parameters -1", e -> e.setLayers(List.of(new LayerDescription("a", -1L, false)))),
                started("layers a name", e -> e.setLayers(List.of(new LayerDescription("a".repeat(1025), 1L, false)))),
                started("stop_on a name", e -> e.setStopOn(List.of("a".repeat(1025)))),
                epoch("step -1", e -> e.setStep(-1L)),
                epoch("train_accuracy -0.1", e -> e.setTrainAccuracy(-0.1)),
                epoch("validation_accuracy 101.0", e -> e.setValidationAccuracy(101.0)),
                epoch("learning_rate -1.0", e -> e.setLearningRate(-1.0)),
                epoch("gradient_norm -Infinity", e -> e.setGradientNorm(Double.NEGATIVE_INFINITY)),
                step("steps.epoch -1.0", e -> e.setEpoch(-1.0)),
                step("steps.event_time -1", e -> e.setEventTime(Instant.ofEpochMilli(-1))),
                step("steps.gradient_norm -1.0", e -> e.setGradientNorm(-1.0)),
                step("steps.learning_rate -1.0", e -> e.setLearningRate(-1.0)),
                layer("steps.layers.gradient_norm -1.0", e -> e.setGradientNorm(-1.0)),
                layer("steps.layers.zero_fraction 1.5", e -> e.setZeroFraction(1.5)),
                layer("steps.layers.zero_fraction -0.1", e -> e.setZeroFraction(-0.1)),
                layer("steps.layers.weight_norm -1.0", e -> e.setWeightNorm(-1.0)),
                layer("steps.layers.update_norm -1.0", e -> e.setUpdateNorm(-1.0)),
                Arguments.of("heartbeat.step -1", event("r", 1, NOON, new Heartbeat(-1L, null))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("impossibleFields")
    void anImpossibleOptionalValueCostsItsFieldAndIsNoted(String expected, TrainingEvent event)
            throws UndecodableRecordException {
        List<IgnoredField> ignored = read(event).ignored();

        assertThat(ignored).hasSize(1);
        assertThat(ignored.get(0).field().label() + " " + ignored.get(0).what()).startsWith(expected);
    }

    @Test
    void aClockInMicrosecondsIsReplacedByTheRecordsOwnTime() throws UndecodableRecordException {
        Instant microseconds = Instant.ofEpochMilli(NOON.toEpochMilli() * 1000);
        TrainingEvent event = event("r", 1, microseconds, new Heartbeat(null, null));

        RunRecord record = TrainingEvents.toRunRecord(event, "r", NOON.toEpochMilli(), null);

        assertThat(record.timeMillis()).isEqualTo(NOON.toEpochMilli());
        assertThat(record.ignored()).extracting(IgnoredField::field).containsExactly(EventField.EVENT_TIME);
    }

    @Test
    void aRegistrationKnowsWhoPublishedIt() throws UndecodableRecordException {
        RunRecord record = TrainingEvents.toRunRecord(startedEvent(e -> {}), "r", NOON.toEpochMilli(), "team-a/ci");

        assertThat(((RunStarted) record.event()).publisher()).isEqualTo("team-a/ci");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"impossibleHeaders", "impossibleEvents"})
    void refusesImpossibleValuesByNameAndValue(String expected, TrainingEvent event) {
        assertThat(refused(event, event.getRunId()))
                .hasMessageContaining(expected)
                .extracting(UndecodableRecordException::deadLetterCause)
                .isEqualTo(DeadLetterCause.IMPOSSIBLE_VALUE);
    }

    @Test
    void takesNaNAndInfinityInLossesAndNormsAsWhatTheyAre() throws UndecodableRecordException {
        EpochCompleted epoch = EpochCompleted.newBuilder()
                .setStep(3L)
                .setTrainLoss(Double.NaN)
                .setValidationLoss(Double.NEGATIVE_INFINITY)
                .setTrainAccuracy(Double.NaN)
                .setGradientNorm(Double.POSITIVE_INFINITY)
                .setLearningRate(Double.NaN)
                .build();

        assertThat(read(event("r", 1, NOON, epoch)).event())
                .isEqualTo(new dev.gradwatch.detection.event.EpochCompleted(
                        null,
                        3L,
                        Double.NaN,
                        Double.NEGATIVE_INFINITY,
                        Double.NaN,
                        null,
                        Double.NaN,
                        Double.POSITIVE_INFINITY,
                        Map.of()));
    }

    @Test
    void allowsListsAndMapsUpToTheirLimitsAndNamesTheCauseBeyond() throws UndecodableRecordException {
        decoded(event("r", 1, NOON, steps(LongStream.range(0, 4096).toArray())));
        assertThat(tooMany(event("r", 1, NOON, steps(LongStream.range(0, 4097).toArray())))
                        .code())
                .isEqualTo("too-many-steps");

        decoded(layers(4096));
        assertThat(tooMany(layers(4097)).code()).isEqualTo("too-many-layers");

        decoded(described(4096));
        assertThat(tooMany(described(4097)).code()).isEqualTo("too-many-layers");

        decoded(tagged(64));
        assertThat(tooMany(tagged(65)))
                .hasMessageContaining("tags has 65 or more entries; at most 64")
                .extracting(UndecodableRecordException::code)
                .isEqualTo("too-many-entries");
        assertThat(tooMany(startedEvent(e -> e.setLowerIsBetter(Collections.nCopies(4097, "m"))))
                        .code())
                .isEqualTo("too-many-entries");
    }

    @Test
    void cutsLongWordsInsteadOfLosingARegistration() throws UndecodableRecordException {
        TrainingEvent wordy = startedEvent(e -> {
            e.setName("x".repeat(1023) + "🚀🚀");
            e.setTags(Map.of("command", "y".repeat(5000)));
        });

        RunStarted started = (RunStarted) read(wordy).event();

        assertThat(started.name()).isEqualTo("x".repeat(1023));
        assertThat(started.tags().get("command")).hasSize(1024);
    }

    @Test
    void neverPublishesATick() {
        RunRecord tick = new RunRecord("r", 1, 1, new Tick(60_000));

        assertThatThrownBy(() -> TrainingEvents.toAvro(tick)).isInstanceOf(IllegalArgumentException.class);
    }

    /** As bytes and back: what is too much is refused before it is built. */
    private static RunRecord decoded(TrainingEvent event) throws UndecodableRecordException {
        AvroWire<TrainingEvent> wire = new AvroWire<>(TrainingEvent.class, "s", new MemoryRegistry(), true);
        return read(wire.decode(wire.encode(event)));
    }

    private static UndecodableRecordException tooMany(TrainingEvent event) {
        return catchThrowableOfType(UndecodableRecordException.class, () -> decoded(event));
    }

    private static RunRecord read(TrainingEvent event) throws UndecodableRecordException {
        return TrainingEvents.toRunRecord(event, event.getRunId());
    }

    private static UndecodableRecordException refused(TrainingEvent event, String key) {
        return catchThrowableOfType(UndecodableRecordException.class, () -> TrainingEvents.toRunRecord(event, key));
    }

    private static TrainingEvent event(String runId, int attempt, Instant time, Object event) {
        return new TrainingEvent(runId, attempt, time, event);
    }

    private static TrainingEvent startedEvent(Consumer<dev.gradwatch.schemas.RunStarted> change) {
        dev.gradwatch.schemas.RunStarted started =
                dev.gradwatch.schemas.RunStarted.newBuilder().build();
        change.accept(started);
        return event("r", 1, NOON, started);
    }

    private static Arguments started(String expected, Consumer<dev.gradwatch.schemas.RunStarted> change) {
        return Arguments.of(expected, startedEvent(change));
    }

    private static Arguments epoch(String expected, Consumer<EpochCompleted> change) {
        EpochCompleted epoch = EpochCompleted.newBuilder().setEpoch(1.0).build();
        change.accept(epoch);
        return Arguments.of(expected, event("r", 1, NOON, epoch));
    }

    private static Arguments step(String expected, Consumer<StepNorms> change) {
        StepNorms step = new StepNorms(1L, null, null, null, null, null, List.of(), Map.of(), null);
        change.accept(step);
        return Arguments.of(expected, event("r", 1, NOON, new GradientNorms(List.of(step))));
    }

    private static Arguments layer(String expected, Consumer<LayerNorms> change) {
        LayerNorms layer = new LayerNorms("a", null, null, null, null);
        change.accept(layer);
        return step(expected, step -> step.setLayers(List.of(layer)));
    }

    private static GradientNorms steps(long... numbers) {
        return new GradientNorms(LongStream.of(numbers)
                .mapToObj(n -> new StepNorms(n, null, null, null, null, null, List.of(), Map.of(), null))
                .toList());
    }

    private static TrainingEvent layers(int count) {
        List<LayerNorms> layers = Collections.nCopies(count, new LayerNorms("a", null, null, null, null));
        return event(
                "r",
                1,
                NOON,
                new GradientNorms(List.of(new StepNorms(1L, null, null, null, null, null, layers, Map.of(), null))));
    }

    private static TrainingEvent described(int count) {
        return startedEvent(e -> e.setLayers(Collections.nCopies(count, new LayerDescription("a", 1L, false))));
    }

    private static TrainingEvent tagged(int count) {
        return startedEvent(e ->
                e.setTags(IntStream.range(0, count).boxed().collect(Collectors.toMap(i -> "tag" + i, i -> "value"))));
    }
}

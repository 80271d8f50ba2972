package dev.gradwatch.detection.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class EventSanitizerTest {

    private static final long NOON = 1_772_366_400_000L;

    @Test
    void returnsAnEventWithinItsLimitsAsItIs() throws ImpossibleEventException {
        RunRecord record = record(new GradientNorms(List.of(step(7, 1.0, List.of(layer("a", Double.NaN))))));

        assertThat(EventSanitizer.sanitize(record)).isSameAs(record);
    }

    @Test
    void anImpossibleAccuracyCostsTheAccuracyAlone() throws ImpossibleEventException {
        RunRecord sane = EventSanitizer.sanitize(
                record(new EpochCompleted(1.0, 10L, 0.5, 0.6, -1.6, 0.8, -0.1, Double.POSITIVE_INFINITY, Map.of())));

        assertThat(sane.event())
                .isEqualTo(new EpochCompleted(1.0, 10L, 0.5, 0.6, null, 0.8, null, Double.POSITIVE_INFINITY, Map.of()));
        assertThat(sane.ignored())
                .containsExactlyInAnyOrder(
                        new IgnoredField(EventField.TRAIN_ACCURACY, 1, "-1.6, must be 0 to 100.1, or NaN"),
                        new IgnoredField(EventField.LEARNING_RATE, 1, "-0.1, must be 0 or more, NaN or Infinity"));
    }

    @Test
    void countsWhatIsWrongOftenOnce() throws ImpossibleEventException {
        RunRecord sane = EventSanitizer.sanitize(record(new GradientNorms(List.of(
                step(1, -2.0, List.of(layer("a", 1.0), layer("b", -1.0))),
                step(2, 3.0, List.of(layer("a", 1.0), layer("b", -5.0)))))));

        assertThat(sane.ignored())
                .containsExactlyInAnyOrder(
                        new IgnoredField(EventField.STEPS_GRADIENT_NORM, 1, "-2.0, must be 0 or more, NaN or Infinity"),
                        new IgnoredField(
                                EventField.LAYER_GRADIENT_NORM, 2, "-1.0, must be 0 or more, NaN or Infinity"));
        assertThat(((GradientNorms) sane.event()).steps())
                .extracting(StepNorms::gradientNorm)
                .containsExactly(null, 3.0);
    }

    @Test
    void cutsListsTextsAndMapsThatAreTooLongAndSaysSo() throws ImpossibleEventException {
        RunStarted wordy = RunStarted.builder()
                .name("x".repeat(1023) + "🚀🚀")
                .layers(Collections.nCopies(4097, new RunStarted.LayerDescription("a", 1L, false)))
                .stopOn(List.of("a".repeat(1025), "loss-spike"))
                .classes(1)
                .tags(IntStream.range(0, 65).boxed().collect(Collectors.toMap(i -> "tag" + (100 + i), i -> "v")))
                .build();

        RunRecord sane = EventSanitizer.sanitize(record(wordy));

        RunStarted kept = (RunStarted) sane.event();
        assertThat(kept.name()).isEqualTo("x".repeat(1023));
        assertThat(kept.layers()).hasSize(4096);
        assertThat(kept.stopOn()).containsExactly("loss-spike");
        assertThat(kept.classes()).isNull();
        assertThat(kept.tags()).hasSize(64).doesNotContainKey("tag164");
        assertThat(sane.ignored())
                .extracting(IgnoredField::field)
                .containsExactlyInAnyOrder(
                        EventField.NAME, EventField.LAYERS, EventField.STOP_ON, EventField.CLASSES, EventField.TAGS);
        assertThat(sane.ignored())
                .filteredOn(note -> note.field() == EventField.TAGS)
                .extracting(IgnoredField::what)
                .containsExactly("65 entries, at most 64 are kept");
    }

    @Test
    void refusesWhatAnEventCannotDoWithout() {
        assertRefused(new EpochCompleted(null, null, 1.0, null, null, null, null, null, Map.of()), "epoch is absent");
        assertRefused(new EpochCompleted(-0.5, null, 1.0, null, null, null, null, null, Map.of()), "epoch is -0.5");
        assertRefused(new GradientNorms(List.of()), "steps is empty");
        assertRefused(new GradientNorms(List.of(step(-1, 1.0, List.of()))), "steps.step is -1");
        assertRefused(new GradientNorms(List.of(step(Long.MAX_VALUE, 1.0, List.of()))), "steps.step is 9223");
        assertRefused(
                new GradientNorms(List.of(step(7, 1.0, List.of()), step(7, 1.0, List.of()))),
                "steps.step is 7 after 7");
        assertThatThrownBy(() -> EventSanitizer.sanitize(new RunRecord("r", 0, NOON, new Heartbeat(null, null))))
                .isInstanceOf(ImpossibleEventException.class)
                .hasMessageContaining("attempt is 0");
    }

    @Test
    void aTimeADayAheadOfItsRecordIsNotUsed() {
        long microseconds = NOON * 1000;
        RunRecord broken = new RunRecord(
                "r",
                1,
                microseconds,
                new GradientNorms(List.of(
                        new StepNorms(1, null, NOON, 1.0, null, null, List.of()),
                        new StepNorms(2, null, microseconds, 1.0, null, null, List.of()))));

        RunRecord sane = EventSanitizer.withBoundedTimes(broken, NOON);

        assertThat(sane.timeMillis()).isEqualTo(NOON);
        assertThat(((GradientNorms) sane.event()).steps())
                .extracting(StepNorms::timeMillis)
                .containsExactly(NOON, null);
        assertThat(sane.ignored())
                .extracting(IgnoredField::field)
                .containsExactly(EventField.EVENT_TIME, EventField.STEPS_EVENT_TIME);
        RunRecord tomorrow = new RunRecord("r", 1, NOON + EventLimits.AHEAD_MILLIS, new Heartbeat(null, null));
        assertThat(EventSanitizer.withBoundedTimes(tomorrow, NOON)).isSameAs(tomorrow);
    }

    /** What went through once is within every limit, so a second time changes nothing: what a reader yields, the service accepts. */
    @Property(tries = 300)
    void isDoneAfterOnce(@ForAll("anything") RunEvent event) {
        RunRecord once;
        try {
            once = EventSanitizer.sanitize(record(event));
        } catch (ImpossibleEventException refused) {
            return;
        }
        RunRecord again = new RunRecord(once.runId(), once.attempt(), once.timeMillis(), once.event());

        assertThat(sane(again).event()).isEqualTo(once.event());
        assertThat(sane(again).ignored()).isEmpty();
    }

    @Provide
    Arbitrary<RunEvent> anything() {
        Arbitrary<Double> numbers = Arbitraries.oneOf(
                        Arbitraries.doubles(),
                        Arbitraries.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0, 100.05))
                .injectNull(0.2);
        Arbitrary<Long> counts = Arbitraries.longs().injectNull(0.2);
        Arbitrary<String> texts = Arbitraries.of("", "a", "x".repeat(1024), "x".repeat(1023) + "🚀", "y".repeat(5000));
        Arbitrary<Map<String, Double>> metrics = Arbitraries.maps(
                        Arbitraries.strings().alpha().ofMaxLength(3), numbers.filter(n -> n != null))
                .ofMaxSize(90);
        Arbitrary<StepNorms> step = Combinators.combine(
                        Arbitraries.longs().between(-1, 1000), numbers, counts, numbers, numbers, texts, metrics)
                .as((at, epoch, time, norm, rate, name, more) -> new StepNorms(
                        at,
                        epoch,
                        time,
                        norm,
                        norm,
                        rate,
                        List.of(new LayerNorms(name, norm, rate, norm, epoch)),
                        more,
                        norm == null || rate == null ? null : new RankNorms(norm, rate, at.intValue())));
        return Arbitraries.oneOf(
                step.list().ofMaxSize(3).map(GradientNorms::new),
                Combinators.combine(numbers, counts, numbers, numbers, metrics)
                        .as((epoch, at, one, other, more) ->
                                new EpochCompleted(epoch, at, one, one, one, other, other, one, more)),
                Combinators.combine(numbers, counts, texts, metrics)
                        .as((number, count, text, more) -> RunStarted.builder()
                                .name(text)
                                .learningRate(number)
                                .clipThreshold(number)
                                .warmupSteps(count)
                                .plannedSteps(count)
                                .classes(count == null ? null : count.intValue())
                                .batchSize(count == null ? null : count.intValue())
                                .findings(List.of(text, "b"))
                                .layers(List.of(new RunStarted.LayerDescription(text, count, false)))
                                .tags(more.keySet().stream().collect(Collectors.toMap(k -> k, k -> text)))
                                .build()),
                Combinators.combine(counts, texts).as(Heartbeat::new),
                texts.map(text -> new RunFinished(RunFinished.Outcome.FAILED, text)));
    }

    @Test
    void keepsNoMoreLayersInAllStepsThanTheirLimit() throws ImpossibleEventException {
        List<LayerNorms> layers = Collections.nCopies(EventLimits.LAYERS, layer("a", 1.0));
        GradientNorms wide = new GradientNorms(
                LongStream.range(0, 66).mapToObj(at -> step(at, 1.0, layers)).toList());

        RunRecord sane = EventSanitizer.sanitize(record(wide));

        assertThat(((GradientNorms) sane.event()).steps())
                .hasSize(66)
                .last()
                .extracting(StepNorms::layers)
                .isEqualTo(List.of());
        assertThat(sane.ignored()).extracting(IgnoredField::field).containsExactly(EventField.STEPS_LAYERS);
    }

    private static RunRecord sane(RunRecord record) {
        try {
            return EventSanitizer.sanitize(record);
        } catch (ImpossibleEventException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertRefused(RunEvent event, String expected) {
        assertThatThrownBy(() -> EventSanitizer.sanitize(record(event)))
                .isInstanceOf(ImpossibleEventException.class)
                .hasMessageContaining(expected);
    }

    private static RunRecord record(RunEvent event) {
        return new RunRecord("r", 1, NOON, event);
    }

    private static StepNorms step(long at, Double norm, List<LayerNorms> layers) {
        return new StepNorms(at, null, null, 1.0, norm, null, layers);
    }

    private static LayerNorms layer(String name, Double norm) {
        return new LayerNorms(name, norm, null, null, null);
    }
}

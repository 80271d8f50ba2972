package dev.gradwatch.detection.scenario;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.Heartbeat;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.detection.event.Tick;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Any stream of records: gaps, repetitions, disorder, attempts that come and go, and values of every size or none. */
public final class RandomRuns {

    private static final int RECORDS = 120;

    private RandomRuns() {}

    public static Arbitrary<List<RunRecord>> records() {
        return Arbitraries.oneOf(stream(values()), stream(hugeAndTiny()), stream(Arbitraries.of(0.0, -0.0, 1.0)));
    }

    /** Finite values alone, from 1e-300 to 1e300 in size. */
    public static Arbitrary<List<RunRecord>> finiteRecords() {
        return stream(hugeAndTiny());
    }

    private static Arbitrary<List<RunRecord>> stream(Arbitrary<Double> values) {
        return Combinators.combine(
                        Arbitraries.frequency(Tuple.of(20, 1), Tuple.of(1, 2)),
                        Arbitraries.longs().between(0, 10_000_000),
                        events(values))
                .as((attempt, time, event) -> new RunRecord("any", attempt, RunLog.BEGIN_MILLIS + time, event))
                .list()
                .ofMaxSize(RECORDS);
    }

    private static Arbitrary<RunEvent> events(Arbitrary<Double> values) {
        return Arbitraries.frequencyOf(
                Tuple.of(12, steps(values)),
                Tuple.of(6, epochs(values)),
                Tuple.of(1, started(values)),
                Tuple.of(1, Arbitraries.longs().between(0, 100_000_000).map(Tick::new)),
                Tuple.of(1, Arbitraries.just(new Heartbeat(null, null))),
                Tuple.of(1, Arbitraries.of(RunFinished.Outcome.class).map(outcome -> new RunFinished(outcome, null))));
    }

    private static Arbitrary<RunEvent> steps(Arbitrary<Double> values) {
        Arbitrary<LayerNorms> layer = Combinators.combine(
                        Arbitraries.of("a", "b", "c", "d", "Aa", "BB"),
                        maybe(values),
                        maybe(Arbitraries.of(0.0, 0.5, 0.9995, 1.0, Double.NaN)),
                        maybe(values),
                        maybe(values))
                .as(LayerNorms::new);
        Arbitrary<StepNorms> step = Combinators.combine(
                        Arbitraries.longs().between(0, 300),
                        maybe(Arbitraries.of(0.0, 0.5, 1.0, 3.5, 40.0)),
                        maybe(values),
                        maybe(values),
                        maybe(values),
                        layer.list().ofMaxSize(5))
                .as((at, epoch, loss, norm, rate, layers) -> new StepNorms(at, epoch, null, loss, norm, rate, layers));
        return step.list().ofMinSize(1).ofMaxSize(4).map(GradientNorms::new);
    }

    private static Arbitrary<RunEvent> epochs(Arbitrary<Double> values) {
        return Combinators.combine(
                        maybe(Arbitraries.integers().between(0, 90).map(Integer::doubleValue)),
                        maybe(Arbitraries.longs().between(0, 300)),
                        maybe(values),
                        maybe(values),
                        maybe(values),
                        maybe(values),
                        maybe(values))
                .as((epoch, at, train, validation, accuracy, rate, norm) ->
                        new EpochCompleted(epoch, at, train, validation, accuracy, accuracy, rate, norm, Map.of()));
    }

    private static Arbitrary<RunEvent> started(Arbitrary<Double> values) {
        return Combinators.combine(
                        maybe(Arbitraries.integers().between(1, 1000)),
                        maybe(Arbitraries.of("categorical-crossentropy", "mse", "")),
                        maybe(values),
                        Arbitraries.of("a", "b", "new").list().ofMaxSize(3))
                .as((classes, loss, rate, layers) -> RunStarted.builder()
                        .classes(classes)
                        .loss(loss)
                        .learningRate(rate)
                        .stopOn(List.of("non-finite-values", "loss-divergence"))
                        .layers(layers.stream()
                                .map(name -> new RunStarted.LayerDescription(name, null, name.equals("b")))
                                .toList())
                        .build());
    }

    private static <T> Arbitrary<T> maybe(Arbitrary<T> values) {
        return values.injectNull(0.15);
    }

    /** Often ordinary, sometimes anything. */
    private static Arbitrary<Double> values() {
        return Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.doubles().between(0.1, 3)),
                Tuple.of(2, Arbitraries.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY)),
                Tuple.of(1, Arbitraries.of(0.0, -0.0, Double.MIN_VALUE, Double.MAX_VALUE, -Double.MAX_VALUE)),
                Tuple.of(1, Arbitraries.doubles()));
    }

    private static Arbitrary<Double> hugeAndTiny() {
        return Combinators.combine(
                        Arbitraries.doubles().between(-9.9, 9.9),
                        Arbitraries.integers().between(-300, 299))
                .as((digits, power) -> digits * Math.pow(10, power));
    }
}

package dev.gradwatch.wire;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.EventLimits;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.Heartbeat;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RankNorms;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.arbitraries.StringArbitrary;

/** Arbitrary records within the documented ranges: every event type, absent fields, NaN, infinities, text of every script. */
final class RunRecords {

    private RunRecords() {}

    static Arbitrary<RunRecord> arbitrary() {
        return Combinators.combine(
                        text().ofMinLength(1).ofMaxLength(40).filter(id -> !id.isBlank()),
                        Arbitraries.integers().between(1, Integer.MAX_VALUE),
                        times(),
                        events())
                .as(RunRecord::new);
    }

    private static Arbitrary<RunEvent> events() {
        return Arbitraries.oneOf(started(), epochs(), norms(), heartbeats(), finished());
    }

    private static Arbitrary<RunEvent> heartbeats() {
        return Combinators.combine(maybe(counts()), maybe(text())).as(Heartbeat::new);
    }

    private static Arbitrary<RunEvent> finished() {
        return Combinators.combine(Arbitraries.of(RunFinished.Outcome.class), maybe(text()))
                .as(RunFinished::new);
    }

    private static Arbitrary<RunEvent> epochs() {
        return Combinators.combine(
                        maybe(positions()),
                        counts(),
                        maybe(measured()),
                        maybe(measured()),
                        maybe(shares()),
                        maybe(sizes()),
                        maybe(sizes()),
                        Arbitraries.maps(text(), measured()).ofMaxSize(5))
                .as((epoch, step, train, validation, accuracy, rate, norm, metrics) ->
                        new EpochCompleted(epoch, step, train, validation, accuracy, accuracy, rate, norm, metrics));
    }

    private static Arbitrary<RunEvent> norms() {
        Arbitrary<LayerNorms> layers = Combinators.combine(
                        text(), maybe(sizes()), maybe(shares()), maybe(sizes()), maybe(sizes()))
                .as(LayerNorms::new);
        Arbitrary<Function<Long, StepNorms>> steps = Combinators.combine(
                        maybe(positions()),
                        maybe(times()),
                        maybe(measured()),
                        maybe(sizes()),
                        maybe(sizes()),
                        layers.list().ofMaxSize(4),
                        Arbitraries.maps(text(), measured()).ofMaxSize(3),
                        maybe(ranks()))
                .as((epoch, time, loss, norm, rate, all, metrics, ranks) ->
                        number -> new StepNorms(number, epoch, time, loss, norm, rate, all, metrics, ranks));
        return Combinators.combine(
                        Arbitraries.longs().between(0, EventLimits.LARGEST_COUNT - 3000),
                        Arbitraries.longs().between(1, 1000),
                        steps.list().ofMinSize(1).ofMaxSize(4))
                .as((first, stride, made) -> {
                    List<StepNorms> rising = new ArrayList<>();
                    for (int i = 0; i < made.size(); i++) {
                        rising.add(made.get(i).apply(first + i * stride));
                    }
                    return new GradientNorms(rising);
                });
    }

    private static Arbitrary<RankNorms> ranks() {
        return Combinators.combine(sizes(), sizes(), Arbitraries.integers().between(0, Integer.MAX_VALUE))
                .as((one, other, rank) -> new RankNorms(Math.min(one, other), Math.max(one, other), rank));
    }

    private static Arbitrary<RunEvent> started() {
        Arbitrary<RunStarted.Builder> words = Combinators.combine(
                        maybe(text()), maybe(text()), maybe(text()), maybe(text()), maybe(text()), maybe(text()))
                .as((a, b, c, d, e, f) -> RunStarted.builder()
                        .name(a)
                        .project(b)
                        .team(c)
                        .cluster(d)
                        .group(e)
                        .profile(f)
                        .loss(a)
                        .outputActivation(b)
                        .optimizer(c));
        Arbitrary<Integer> small = Arbitraries.integers().between(2, Integer.MAX_VALUE);
        Arbitrary<RunStarted.Builder> numbers = Combinators.combine(
                        words,
                        maybe(small),
                        maybe(rates()),
                        maybe(counts()),
                        maybe(counts().map(n -> Math.max(1, n))),
                        maybe(measured()),
                        Arbitraries.of(true, false))
                .as((builder, whole, rate, warmup, steps, baseline, flag) -> builder.outputUnits(whole)
                        .classes(whole)
                        .batchSize(whole)
                        .plannedEpochs(whole)
                        .learningRate(rate)
                        .clipThreshold(rate)
                        .warmupSteps(warmup)
                        .stepsPerEpoch(steps)
                        .plannedSteps(steps)
                        .baselineLoss(baseline)
                        .resumed(flag)
                        .pretrained(!flag));
        Arbitrary<RunStarted.LayerDescription> layers = Combinators.combine(
                        text(), maybe(counts()), Arbitraries.of(true, false))
                .as(RunStarted.LayerDescription::new);
        return Combinators.combine(
                        numbers,
                        layers.list().ofMaxSize(4),
                        text().list().ofMaxSize(4),
                        Arbitraries.maps(text(), text()).ofMaxSize(5))
                .as((builder, described, names, tags) -> builder.layers(described)
                        .lowerIsBetter(names)
                        .stopOn(names)
                        .tags(tags)
                        .findings(names)
                        .epochNumbering(names.isEmpty() ? null : names.get(0))
                        .build());
    }

    /** Pairs of surrogates only: half of one is no text and does not survive UTF-8. */
    private static StringArbitrary text() {
        return Arbitraries.strings()
                .withCharRange('\u0000', '\ud7ff')
                .withCharRange('\ue000', '\uffff')
                .ofMaxLength(20);
    }

    private static Arbitrary<Long> times() {
        return Arbitraries.longs().between(1, 4_102_444_800_000L);
    }

    private static Arbitrary<Long> counts() {
        return Arbitraries.longs().between(0, EventLimits.LARGEST_COUNT);
    }

    private static Arbitrary<Double> positions() {
        return sizes().filter(Double::isFinite);
    }

    private static Arbitrary<Double> rates() {
        return positions().filter(rate -> rate > 0);
    }

    /** Every bit pattern, because jqwik's own doubles have two decimal places. */
    private static Arbitrary<Double> measured() {
        return Arbitraries.oneOf(
                Arbitraries.longs().map(Double::longBitsToDouble),
                Arbitraries.doubles().between(-1000, 1000).ofScale(6),
                Arbitraries.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0, Double.MIN_VALUE));
    }

    private static Arbitrary<Double> sizes() {
        return measured().map(Math::abs);
    }

    private static Arbitrary<Double> shares() {
        return Arbitraries.oneOf(Arbitraries.doubles().between(0, 1).ofScale(6), Arbitraries.of(Double.NaN, 0.0, 1.0));
    }

    private static <T> Arbitrary<T> maybe(Arbitrary<T> values) {
        return values.injectNull(0.3);
    }
}

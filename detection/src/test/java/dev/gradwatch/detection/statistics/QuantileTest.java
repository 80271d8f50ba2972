package dev.gradwatch.detection.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.codec.FieldReader;
import dev.gradwatch.detection.codec.FieldWriter;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.hipparchus.stat.descriptive.rank.Percentile;
import org.junit.jupiter.api.Test;

class QuantileTest {

    private static final int STREAMS = 300;

    @Property
    void isExactForUpToFiveValues(
            @ForAll @Size(min = 1, max = 5) List<@DoubleRange(min = -1e300, max = 1e300) Double> values,
            @ForAll @DoubleRange(min = 0, max = 1) double share) {
        Quantile quantile = new Quantile(share);
        for (double value : values) {
            quantile.add(value);
        }
        List<Double> sorted = values.stream().sorted().toList();

        assertThat(quantile.value()).isEqualTo(sorted.get((int) Math.round(share * (values.size() - 1))));
        assertThat(quantile.count()).isEqualTo(values.size());
    }

    /** The algorithm promises no bound: about one stream in a thousand ends further away. */
    @Test
    void followsThePercentileOfNearlyEveryStream() {
        assertThat(near(Random::nextDouble, 0.02)).isGreaterThanOrEqualTo(STREAMS * 99 / 100);
        assertThat(near(random -> Math.exp(random.nextGaussian()), 0.03)).isGreaterThanOrEqualTo(STREAMS * 99 / 100);
    }

    /** How many streams are near in rank, which is what a quantile promises: the share of values below the estimate. */
    private static int near(ToDoubleFunction<Random> draw, double tolerance) {
        int near = 0;
        for (int seed = 0; seed < STREAMS; seed++) {
            Random random = new Random(seed);
            double share = 0.1 + 0.8 * random.nextDouble();
            double[] values = new double[5000];
            Quantile quantile = new Quantile(share);
            for (int i = 0; i < values.length; i++) {
                values[i] = draw.applyAsDouble(random);
                quantile.add(values[i]);
            }
            Percentile exact = new Percentile();
            double low = exact.evaluate(values, 100 * (share - tolerance));
            double high = exact.evaluate(values, 100 * (share + tolerance));
            near += quantile.value() >= low && quantile.value() <= high ? 1 : 0;
        }
        return near;
    }

    @Property
    void staysWithinItsInputsHoweverExtreme(
            @ForAll @Size(min = 1, max = 200) List<@DoubleRange(min = -1e300, max = 1e300) Double> values,
            @ForAll @DoubleRange(min = 0.01, max = 0.99) double share) {
        Quantile quantile = new Quantile(share);
        for (double value : values) {
            quantile.add(value);
        }

        assertThat(quantile.value()).isBetween(Collections.min(values), Collections.max(values));
    }

    @Property
    void storedFormGoesOnWhereItStopped(
            @ForAll @Size(max = 30) List<@DoubleRange(min = -1e9, max = 1e9) Double> values,
            @ForAll @IntRange(min = 0, max = 30) int cut) {
        Quantile straight = new Quantile(0.9);
        Quantile restored = new Quantile(0.9);
        for (int i = 0; i < values.size(); i++) {
            if (i == cut) {
                FieldWriter writer = new FieldWriter();
                restored.exchange(writer);
                restored = new Quantile(0.9);
                restored.exchange(new FieldReader(writer.toByteArray()));
            }
            straight.add(values.get(i));
            restored.add(values.get(i));
        }

        assertThat(restored.value()).isEqualTo((Double) straight.value());
        assertThat(restored.count()).isEqualTo(straight.count());
    }

    @Property
    void startsAnewWhenCleared(
            @ForAll @Size(max = 60) List<@DoubleRange(min = -1e9, max = 1e9) Double> before,
            @ForAll @Size(max = 60) List<@DoubleRange(min = -1e9, max = 1e9) Double> after) {
        Quantile used = new Quantile(0.5);
        before.forEach(used::add);
        used.clear();
        assertThat(used.count()).isZero();
        assertThat(used.value()).isNaN();
        Quantile fresh = new Quantile(0.5);
        after.forEach(used::add);
        after.forEach(fresh::add);

        assertThat(used.value()).isEqualTo((Double) fresh.value());
    }

    @Test
    void knowsNothingWhenEmpty() {
        assertThat(new Quantile(0.5).value()).isNaN();
    }
}

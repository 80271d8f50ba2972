package dev.gradwatch.detection.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gradwatch.detection.codec.FieldReader;
import dev.gradwatch.detection.codec.FieldWriter;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.hipparchus.stat.descriptive.rank.Median;
import org.junit.jupiter.api.Test;

class BlocksTest {

    @Property(tries = 200)
    void areTheMeansOfEqualStretchesOfAnyLength(@ForAll @IntRange(min = 0, max = 5000) int length, @ForAll long seed) {
        double[] series = series(length, seed, 1);
        Blocks blocks = blocksOf(series);

        int span = 1;
        while (length / span >= Blocks.CAPACITY) {
            span *= 2;
        }
        assertThat(blocks.values()).isEqualTo(length);
        assertThat(blocks.size()).isEqualTo(length / span).isLessThan(Blocks.CAPACITY);
        for (int i = 0; i < blocks.size(); i++) {
            double mean = mean(series, i * span, (i + 1) * span);
            assertThat(blocks.mean(i))
                    .as("block %d of span %d", i, span)
                    .isCloseTo(mean, RoundingTolerance.to(mean, 100));
        }
    }

    @Property(tries = 100)
    void statisticsOfBlocksAreThoseOfTheTextbook(@ForAll @IntRange(min = 4, max = 900) int length, @ForAll long seed) {
        Blocks blocks = blocksOf(series(length, seed, 1));
        int n = blocks.size();
        double[] means = new double[n];
        for (int i = 0; i < n; i++) {
            means[i] = blocks.mean(i);
        }

        assertThat(blocks.mean(1, n)).isCloseTo(mean(means, 1, n), RoundingTolerance.to(0, 100));
        assertThat(blocks.median(n, 3)).isCloseTo(new Median().evaluate(means, n - 3, 3), RoundingTolerance.to(0, 100));
        double low = Math.min(means[n - 1], Math.min(means[n - 2], means[n - 3]));
        double high = Math.max(means[n - 1], Math.max(means[n - 2], means[n - 3]));
        assertThat(blocks.range(3)).isEqualTo(high - low);
        double[] first = new double[n - 1];
        for (int i = 1; i < n; i++) {
            first[i - 1] = Math.abs(means[i] - means[i - 1]);
        }
        assertThat(blocks.noise())
                .isCloseTo(1.4826 * new Median().evaluate(first) / Math.sqrt(2), RoundingTolerance.to(0, 100));
        double[] second = new double[n - 2];
        for (int i = 2; i < n; i++) {
            second[i - 2] = Math.abs(means[i] - 2 * means[i - 1] + means[i - 2]);
        }
        assertThat(blocks.noiseAroundTrend(n))
                .isCloseTo(1.4826 * new Median().evaluate(second) / Math.sqrt(6), RoundingTolerance.to(0, 100));
    }

    @Property(tries = 100)
    void staysFiniteForHugeAndTinyValues(
            @ForAll @IntRange(min = 1, max = 600) int length,
            @ForAll long seed,
            @ForAll @IntRange(min = -300, max = 298) int power) {
        Blocks blocks = blocksOf(series(length, seed, Math.pow(10, power)));

        for (int i = 0; i < blocks.size(); i++) {
            assertThat(blocks.mean(i)).isFinite();
        }
        assertThat(blocks.noise()).isFinite();
        assertThat(blocks.noiseAroundTrend(32)).isFinite();
    }

    @Property(tries = 100)
    void storedFormGoesOnWhereItStopped(
            @ForAll @IntRange(max = 700) int before, @ForAll @IntRange(max = 700) int after, @ForAll long seed) {
        double[] series = series(before + after, seed, 1);
        Blocks restored = new Blocks();
        Blocks first = new Blocks();
        for (int i = 0; i < before; i++) {
            first.add(series[i]);
        }
        FieldWriter writer = new FieldWriter();
        first.exchange(writer);
        restored.exchange(new FieldReader(writer.toByteArray()));
        for (int i = before; i < before + after; i++) {
            restored.add(series[i]);
        }

        Blocks straight = blocksOf(series);
        FieldWriter one = new FieldWriter();
        straight.exchange(one);
        FieldWriter other = new FieldWriter();
        restored.exchange(other);
        assertThat(other.toByteArray()).isEqualTo(one.toByteArray());
    }

    @Property(tries = 100)
    void copiesTheNewestBlocksFromOldToNew(
            @ForAll @IntRange(min = 1, max = 900) int length,
            @ForAll @IntRange(max = 63) int wanted,
            @ForAll long seed) {
        Blocks blocks = blocksOf(series(length, seed, 1));
        int count = Math.min(wanted, blocks.size());
        double[] copy = new double[Blocks.CAPACITY];
        blocks.copyLast(count, copy);

        for (int i = 0; i < count; i++) {
            assertThat(copy[i]).isEqualTo(blocks.mean(blocks.size() - count + i));
        }
    }

    @Test
    void saysWhenABlockIsComplete() {
        Blocks blocks = new Blocks();
        for (int i = 0; i < Blocks.CAPACITY; i++) {
            assertThat(blocks.add(i)).isTrue();
        }

        assertThat(blocks.size()).isEqualTo(Blocks.CAPACITY / 2);
        assertThat(blocks.add(1)).isFalse();
        assertThat(blocks.add(1)).isTrue();
    }

    @Test
    void noiseIgnoresASteadyTrend() {
        Blocks blocks = new Blocks();
        for (int i = 0; i < 40; i++) {
            blocks.add(100 - i);
        }

        assertThat(blocks.noiseAroundTrend(40)).isZero();
        assertThat(blocks.noise()).isGreaterThan(0.5);
    }

    @Test
    void refusesABlockThatIsNotThere() {
        assertThatThrownBy(() -> new Blocks().mean(0))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("block 0 of 0");
    }

    @Test
    void startsAnewWhenCleared() {
        Blocks blocks = blocksOf(series(1000, 1, 1));
        blocks.clear();

        assertThat(blocks.values()).isZero();
        assertThat(blocks.add(7)).isTrue();
        assertThat(blocks.mean(0)).isEqualTo(7);
    }

    private static double[] series(int length, long seed, double scale) {
        Random random = new Random(seed);
        double[] series = new double[length];
        for (int i = 0; i < length; i++) {
            series[i] = scale * (50 + 10 * random.nextGaussian());
        }
        return series;
    }

    private static Blocks blocksOf(double[] series) {
        Blocks blocks = new Blocks();
        for (double value : series) {
            blocks.add(value);
        }
        return blocks;
    }

    private static double mean(double[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i];
        }
        return sum / (to - from);
    }
}

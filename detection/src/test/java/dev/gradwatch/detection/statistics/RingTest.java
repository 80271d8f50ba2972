package dev.gradwatch.detection.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gradwatch.detection.codec.FieldReader;
import dev.gradwatch.detection.codec.FieldWriter;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.hipparchus.stat.descriptive.moment.Mean;
import org.hipparchus.stat.descriptive.rank.Max;
import org.hipparchus.stat.descriptive.rank.Median;
import org.hipparchus.stat.descriptive.rank.Min;
import org.junit.jupiter.api.Test;

class RingTest {

    @Property
    void remembersExactlyTheLastValues(
            @ForAll @Size(max = 90) List<Double> pushed, @ForAll @IntRange(min = 1, max = 40) int capacity) {
        Ring ring = new Ring(capacity);
        for (double value : pushed) {
            ring.push(value);
        }

        int kept = Math.min(capacity, pushed.size());
        assertThat(ring.size()).isEqualTo(kept);
        assertThat(ring.isEmpty()).isEqualTo(kept == 0);
        for (int age = 0; age < kept; age++) {
            assertThat(ring.ago(age)).isEqualTo(pushed.get(pushed.size() - 1 - age));
        }
    }

    @Property
    void medianAndDeviationAreThoseOfTheNewestValues(
            @ForAll @Size(min = 1, max = 90) List<@DoubleRange(min = -1e9, max = 1e9) Double> pushed,
            @ForAll @IntRange(min = 1, max = 50) int window) {
        Ring ring = new Ring(32);
        pushed.forEach(ring::push);
        double[] newest = pushed.subList(Math.max(0, pushed.size() - Math.min(window, 32)), pushed.size()).stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
        double median = new Median().evaluate(newest);
        double[] distances = new double[newest.length];
        for (int i = 0; i < newest.length; i++) {
            distances[i] = Math.abs(newest[i] - 3);
        }

        assertThat(ring.medianOfLast(window)).isCloseTo(median, RoundingTolerance.to(median, 1e9));
        double deviation = 1.4826 * new Median().evaluate(distances);
        assertThat(ring.deviationOfLast(window, 3)).isCloseTo(deviation, RoundingTolerance.to(deviation, 1e9));
    }

    @Property
    void copyRangeAndMeanAreThoseOfTheNewestValues(
            @ForAll @Size(min = 1, max = 60) List<@DoubleRange(min = -1e9, max = 1e9) Double> pushed,
            @ForAll @IntRange(min = 1, max = 40) int window) {
        Ring ring = new Ring(32);
        pushed.forEach(ring::push);
        double[] newest = pushed.subList(Math.max(0, pushed.size() - Math.min(window, 32)), pushed.size()).stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
        double[] copy = new double[32];

        assertThat(ring.copyLast(window, copy)).isEqualTo(newest.length);
        assertThat(Arrays.copyOf(copy, newest.length)).isEqualTo(newest);
        double mean = new Mean().evaluate(newest);
        assertThat(ring.meanOfLast(window)).isCloseTo(mean, RoundingTolerance.to(mean, 1e9));
        if (window > ring.size()) {
            assertThat(ring.rangeOfLast(window)).isNaN();
        } else {
            assertThat(ring.rangeOfLast(window)).isEqualTo(new Max().evaluate(newest) - new Min().evaluate(newest));
        }
    }

    @Property
    void medianBeforeLeavesOutTheNewest(
            @ForAll @Size(min = 1, max = 60) List<@DoubleRange(min = -1e9, max = 1e9) Double> pushed,
            @ForAll @IntRange(min = 0, max = 20) int skipped,
            @ForAll @IntRange(min = 1, max = 20) int window) {
        Ring ring = new Ring(32);
        pushed.forEach(ring::push);
        List<Double> kept = pushed.subList(Math.max(0, pushed.size() - 32), pushed.size());
        int to = Math.max(0, kept.size() - skipped);
        double[] before = kept.subList(Math.max(0, to - window), to).stream()
                .mapToDouble(Double::doubleValue)
                .toArray();

        if (before.length == 0) {
            assertThat(ring.medianBefore(skipped, window)).isNaN();
        } else {
            double median = new Median().evaluate(before);
            assertThat(ring.medianBefore(skipped, window)).isCloseTo(median, RoundingTolerance.to(median, 1e9));
            assertThat(ring.medianBeforeNewest(window)).isEqualTo((Double) ring.medianBefore(1, window));
        }
    }

    @Property
    void theMeanOfHugeValuesDoesNotOverflow(
            @ForAll @Size(min = 1, max = 32) List<@DoubleRange(min = -1.7e308, max = 1.7e308) Double> pushed) {
        Ring ring = new Ring(32);
        pushed.forEach(ring::push);

        assertThat(ring.meanOfLast(32)).isFinite();
    }

    @Property
    void largestIsThatOfTheValuesKept(@ForAll @Size(min = 1, max = 90) List<@DoubleRange Double> pushed) {
        Ring ring = new Ring(16);
        pushed.forEach(ring::push);

        double largest = pushed.subList(Math.max(0, pushed.size() - 16), pushed.size()).stream()
                .mapToDouble(Double::doubleValue)
                .max()
                .orElseThrow();
        assertThat(ring.max()).isEqualTo(largest);
    }

    @Property
    void storedFormGoesOnWhereItStopped(@ForAll @Size(max = 50) List<Double> before, @ForAll List<Double> after) {
        Ring straight = new Ring(12);
        before.forEach(straight::push);
        FieldWriter writer = new FieldWriter();
        straight.exchange(writer);
        Ring restored = new Ring(12);
        restored.push(99);
        restored.exchange(new FieldReader(writer.toByteArray()));
        after.forEach(straight::push);
        after.forEach(restored::push);

        assertThat(restored.size()).isEqualTo(straight.size());
        for (int age = 0; age < straight.size(); age++) {
            assertThat(restored.ago(age)).isEqualTo(straight.ago(age));
        }
    }

    @Test
    void knowsNothingWhenEmpty() {
        Ring ring = new Ring(4);

        assertThat(ring.medianOfLast(3)).isNaN();
        assertThat(ring.deviationOfLast(3, 0)).isNaN();
        assertThat(ring.meanOfLast(3)).isNaN();
        assertThat(ring.rangeOfLast(1)).isNaN();
        assertThat(ring.medianBefore(2, 3)).isNaN();
        assertThat(ring.copyLast(3, new double[3])).isZero();
        assertThat(ring.max()).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void refusesAnAgeThatItDoesNotHold() {
        Ring ring = new Ring(4);
        ring.push(1);

        assertThatThrownBy(() -> ring.ago(1))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("age 1 of 1");
        assertThatThrownBy(() -> ring.ago(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void startsAnewWhenCleared() {
        Ring ring = new Ring(2);
        ring.push(1);
        ring.clear();
        ring.push(5);

        assertThat(ring.size()).isEqualTo(1);
        assertThat(ring.ago(0)).isEqualTo(5);
    }
}

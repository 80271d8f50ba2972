package dev.gradwatch.detection.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.hipparchus.stat.descriptive.rank.Median;
import org.junit.jupiter.api.Test;

class OrderStatisticsTest {

    @Property
    void medianIsThatOfTheTextbook(
            @ForAll @Size(min = 1, max = 200) List<@DoubleRange(min = -1e12, max = 1e12) Double> drawn) {
        double[] values = drawn.stream().mapToDouble(Double::doubleValue).toArray();
        double expected = new Median().evaluate(values);

        assertThat(OrderStatistics.median(values.clone(), values.length))
                .isCloseTo(expected, RoundingTolerance.to(expected, 1e12));
    }

    @Property
    void medianIsFiniteWhereItsInputsAre(
            @ForAll @Size(min = 1, max = 60) List<@DoubleRange(min = -1e300, max = 1e300) Double> drawn) {
        double[] values = drawn.stream().mapToDouble(Double::doubleValue).toArray();
        assertThat(OrderStatistics.median(values, values.length)).isBetween(-1e300, 1e300);
    }

    @Property
    void onlyTheFirstValuesCount(@ForAll @Size(min = 5, max = 20) List<@DoubleRange(min = -9, max = 9) Double> drawn) {
        double[] values = drawn.stream().mapToDouble(Double::doubleValue).toArray();
        double expected = new Median().evaluate(values, 0, 4);

        assertThat(OrderStatistics.median(values, 4)).isCloseTo(expected, RoundingTolerance.to(expected, 9));
    }

    @Test
    void medianOfNothingIsNotANumber() {
        assertThat(OrderStatistics.median(new double[3], 0)).isNaN();
    }

    @Test
    void medianOfTwoHugeValuesDoesNotOverflow() {
        assertThat(OrderStatistics.median(new double[] {Double.MAX_VALUE, Double.MAX_VALUE}, 2))
                .isEqualTo(Double.MAX_VALUE);
    }
}

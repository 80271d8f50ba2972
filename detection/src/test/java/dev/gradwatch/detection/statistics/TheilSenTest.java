package dev.gradwatch.detection.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.hipparchus.stat.descriptive.rank.Median;
import org.junit.jupiter.api.Test;

class TheilSenTest {

    private final TheilSen line = new TheilSen(32);

    @Property
    void slopeIsTheMedianOfAllPairs(
            @ForAll @Size(min = 2, max = 32) List<@DoubleRange(min = -1e6, max = 1e6) Double> drawn) {
        double[] values = array(drawn);
        List<Double> slopes = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            for (int j = i + 1; j < values.length; j++) {
                slopes.add((values[j] - values[i]) / (j - i));
            }
        }
        double slope = new Median().evaluate(array(slopes));
        double[] residuals = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            residuals[i] = values[i] - slope * i;
        }
        double intercept = new Median().evaluate(residuals);
        for (int i = 0; i < values.length; i++) {
            residuals[i] = Math.abs(residuals[i] - intercept);
        }
        line.fit(values, values.length);

        assertThat(line.slope()).isCloseTo(slope, RoundingTolerance.to(slope, 1e6));
        assertThat(line.at(3)).isCloseTo(intercept + 3 * slope, RoundingTolerance.to(intercept, 4e7));
        assertThat(line.spread()).isCloseTo(1.4826 * new Median().evaluate(residuals), RoundingTolerance.to(0, 1e8));
    }

    @Property
    void staysFiniteForHugeAndTinyValues(
            @ForAll @Size(min = 2, max = 32) List<@DoubleRange(min = -1, max = 1) Double> drawn,
            @ForAll @IntRange(min = -300, max = 298) int power) {
        double[] values = array(drawn);
        for (int i = 0; i < values.length; i++) {
            values[i] *= Math.pow(10, power);
        }
        line.fit(values, values.length);

        assertThat(line.slope()).isFinite();
        assertThat(line.at(values.length - 1)).isFinite();
        assertThat(line.spread()).isFinite();
    }

    @Test
    void outliersBendNothing() {
        double[] values = new double[20];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 7 == 3 ? 1e6 : 5 - 0.25 * i;
        }
        line.fit(values, values.length);

        assertThat(line.slope()).isCloseTo(-0.25, offset(1e-9));
        assertThat(line.at(8)).isCloseTo(3, offset(1e-9));
        assertThat(line.spread()).isCloseTo(0, offset(1e-9));
    }

    @Test
    void onlyTheFirstValuesCount() {
        line.fit(new double[] {1, 2, 3, -900, 77}, 3);

        assertThat(line.slope()).isEqualTo(1);
        assertThat(line.at(0)).isEqualTo(1);
    }

    @Test
    void leavesItsInputAsItWas() {
        double[] values = {3, 1, 2, 5, 4};
        line.fit(values, 5);

        assertThat(values).containsExactly(3, 1, 2, 5, 4);
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }
}

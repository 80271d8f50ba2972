package dev.gradwatch.detection.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MannKendallTest {

    /** Few different values, so that ties are the rule. */
    @Property
    void scoreIsThatOfTheTextbookWithItsCorrectionForTies(
            @ForAll @Size(min = 3, max = 64) List<@IntRange(min = 0, max = 6) Integer> drawn) {
        double[] values = drawn.stream().mapToDouble(Integer::doubleValue).toArray();

        assertThat(MannKendall.score(values, values.length)).isCloseTo(textbook(values), offset(1e-9));
    }

    @Property
    void scoreIsThatOfTheTextbookWithoutTies(
            @ForAll @Size(min = 3, max = 64) List<@DoubleRange(min = -1e300, max = 1e300) Double> drawn) {
        double[] values = drawn.stream().mapToDouble(Double::doubleValue).toArray();

        assertThat(MannKendall.score(values, values.length)).isCloseTo(textbook(values), offset(1e-9));
    }

    /** Counted pair by pair, ties counted group by group. */
    private static double textbook(double[] values) {
        int n = values.length;
        long s = 0;
        Map<Double, Integer> groups = new HashMap<>();
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                s += (int) Math.signum(Double.compare(values[j], values[i]));
            }
            groups.merge(values[i], 1, Integer::sum);
        }
        double variance = n * (n - 1.0) * (2.0 * n + 5);
        for (int group : groups.values()) {
            variance -= group * (group - 1.0) * (2.0 * group + 5);
        }
        if (variance <= 0) {
            return 0;
        }
        return (s > 0 ? s - 1 : s < 0 ? s + 1 : 0) / Math.sqrt(variance / 18);
    }

    @Test
    void knowsAWorkedExample() {
        // Ten values, three pairs of which fall: S = 45 - 2 * 3 = 39, and the variance is 125.
        double[] values = {1, 3, 2, 4, 6, 5, 7, 9, 8, 10};

        assertThat(MannKendall.score(values, 10)).isCloseTo(38 / Math.sqrt(125), offset(1e-12));
    }

    @Test
    void findsNoTrendInWhatStands() {
        assertThat(MannKendall.score(new double[] {2, 2, 2, 2}, 4)).isZero();
        assertThat(MannKendall.score(new double[] {1, 2}, 2)).isZero();
        assertThat(MannKendall.score(new double[0], 0)).isZero();
    }

    @Test
    void callsFiveOfAHundredRandomSeriesATrend() {
        Random random = new Random(17);
        int called = 0;
        double[] values = new double[32];
        for (int i = 0; i < 4000; i++) {
            for (int j = 0; j < values.length; j++) {
                values[j] = random.nextGaussian();
            }
            called += Math.abs(MannKendall.score(values, values.length)) > 1.96 ? 1 : 0;
        }

        assertThat(called / 4000.0).isBetween(0.04, 0.06);
    }

    @Test
    void onlyTheFirstValuesCount() {
        assertThat(MannKendall.score(new double[] {1, 2, 3, 0, 0, 0}, 3))
                .isEqualTo(MannKendall.score(new double[] {1, 2, 3}, 3));
    }
}

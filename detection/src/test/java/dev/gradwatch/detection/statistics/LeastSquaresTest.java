package dev.gradwatch.detection.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.hipparchus.stat.regression.SimpleRegression;
import org.junit.jupiter.api.Test;

class LeastSquaresTest {

    @Property
    void slopeAndItsErrorAreThoseOfTheTextbook(
            @ForAll @Size(min = 3, max = 64) List<@DoubleRange(min = -1e6, max = 1e6) Double> drawn) {
        SimpleRegression expected = new SimpleRegression();
        for (int i = 0; i < drawn.size(); i++) {
            expected.addData(i, drawn.get(i));
        }
        LeastSquares line = LeastSquares.of(array(drawn), drawn.size());

        assertThat(line.slope()).isCloseTo(expected.getSlope(), offset(1e-6));
        // The textbook's error is a difference of large sums, which loses half of the digits.
        assertThat(line.slopeError()).isCloseTo(expected.getSlopeStdErr(), offset(0.05));
    }

    @Property
    void theErrorOfOrdinaryLossesIsThatOfTheTextbook(
            @ForAll @Size(min = 3, max = 64) List<@DoubleRange(min = 0.1, max = 10) Double> drawn) {
        SimpleRegression expected = new SimpleRegression();
        for (int i = 0; i < drawn.size(); i++) {
            expected.addData(i, drawn.get(i));
        }

        assertThat(LeastSquares.of(array(drawn), drawn.size()).slopeError())
                .isCloseTo(expected.getSlopeStdErr(), offset(1e-6));
    }

    /** Up to where the squares of the errors, which the standard error needs, are numbers themselves. */
    @Property
    void staysFiniteForHugeAndTinyValues(
            @ForAll @Size(min = 3, max = 64) List<@DoubleRange(min = -1, max = 1) Double> drawn,
            @ForAll @IntRange(min = -300, max = 150) int power) {
        double[] values = array(drawn);
        for (int i = 0; i < values.length; i++) {
            values[i] *= Math.pow(10, power);
        }
        LeastSquares line = LeastSquares.of(values, values.length);

        assertThat(line.slope()).isFinite();
        assertThat(line.slopeError()).isFinite().isNotNegative();
    }

    @Property
    void theSlopeIsFiniteHoweverHugeTheValues(
            @ForAll @Size(min = 2, max = 64) List<@DoubleRange(min = -1e300, max = 1e300) Double> drawn) {
        assertThat(LeastSquares.of(array(drawn), drawn.size()).slope()).isFinite();
    }

    @Test
    void isSureOfAPerfectLine() {
        LeastSquares line = LeastSquares.of(new double[] {1, 3, 5, 7}, 4);

        assertThat(line.slope()).isCloseTo(2, offset(1e-12));
        assertThat(line.slopeError()).isCloseTo(0, offset(1e-12));
    }

    @Test
    void knowsNoErrorOfTwoValues() {
        LeastSquares line = LeastSquares.of(new double[] {1, 4, 100}, 2);

        assertThat(line.slope()).isCloseTo(3, offset(1e-12));
        assertThat(line.slopeError()).isNaN();
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Test
    void theErrorOfHugeValuesIsANumber() {
        LeastSquares line = LeastSquares.of(new double[] {1e200, -1e200, 2e200, 0}, 4);
        assertThat(line.slopeError()).isFinite();
    }

    @Test
    void theErrorOfTinyValuesIsNotZero() {
        LeastSquares line = LeastSquares.of(new double[] {1e-200, -1e-200, 2e-200, 0}, 4);
        assertThat(line.slopeError()).isPositive();
    }
}

package dev.gradwatch.detection.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class EntropyTest {

    @Property
    void noOtherClassesOfThatSharePayMore(
            @ForAll @DoubleRange(min = 0, max = 1) double share,
            @ForAll @Size(min = 1, max = 9) List<@DoubleRange(min = 0.01, max = 1) Double> weights) {
        double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
        double entropy = term(share);
        for (double weight : weights) {
            entropy += term((1 - share) * weight / sum);
        }

        assertThat(entropy).isLessThanOrEqualTo(Entropy.atMost(share, weights.size() + 1) + 1e-9);
        assertThat(entropy).isGreaterThanOrEqualTo(Entropy.binary(share) - 1e-9);
    }

    @Property
    void equalSharesCostTheLogarithmOfTheirNumber(@ForAll @IntRange(min = 2, max = 100_000) int classes) {
        assertThat(Entropy.atMost(1.0 / classes, classes)).isCloseTo(Math.log(classes), offset(1e-9));
    }

    @Property
    void bothSidesOfACoinCostTheSame(@ForAll @DoubleRange(min = 0, max = 1) double share) {
        assertThat(Entropy.binary(share))
                .isCloseTo(Entropy.binary(1 - share), offset(1e-12))
                .isBetween(0.0, Math.log(2));
    }

    @Test
    void certaintyCostsNothing() {
        assertThat(Entropy.binary(0)).isZero();
        assertThat(Entropy.binary(1)).isZero();
        assertThat(Entropy.binary(1e-300)).isFinite().isNotNegative();
        assertThat(Entropy.atMost(1, 10)).isZero();
        assertThat(Entropy.atMost(0.5, 1)).isCloseTo(Math.log(2), offset(1e-12));
    }

    private static double term(double p) {
        return p > 0 ? -p * Math.log(p) : 0;
    }
}

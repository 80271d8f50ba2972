package dev.gradwatch.commands.drawing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class EnvelopeTest {

    @Property(tries = 50)
    void keepsMeanHighestValueAndCountWhateverTheLength(
            @ForAll @Size(min = 1, max = 5000) List<@DoubleRange(min = -1e6, max = 1e6) Double> values) {
        Envelope curve = new Envelope();
        for (int i = 0; i < values.size(); i++) {
            curve.add(new ProgressPoint(i, 0), values.get(i));
        }

        assertThat(curve.size()).isBetween(1, Envelope.MOST);
        long count = 0;
        double sum = 0;
        double high = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < curve.size(); i++) {
            assertThat(curve.place(i).steps()).as("buckets tile the run").isEqualTo(count);
            count += curve.count(i);
            sum += curve.mean(i) * curve.count(i);
            high = Math.max(high, curve.high(i));
            assertThat(curve.high(i)).isGreaterThanOrEqualTo(curve.mean(i) - 1e-6);
        }
        assertThat(count).isEqualTo(values.size());
        assertThat(high).isEqualTo(values.stream().mapToDouble(x -> x).max().orElseThrow());
        assertThat(sum).isCloseTo(values.stream().mapToDouble(x -> x).sum(), within(1e-2));
    }

    @Test
    void remembersThatAValueWasNotFiniteWhenBucketsAreMerged() {
        Envelope curve = new Envelope();
        for (int i = 0; i < 10 * Envelope.MOST; i++) {
            curve.add(new ProgressPoint(i, 0), i == 700 ? Double.NaN : i == 701 ? Double.POSITIVE_INFINITY : 1);
        }

        int strange = 0;
        for (int i = 0; i < curve.size(); i++) {
            assertThat(curve.mean(i)).isCloseTo(1, within(1e-12));
            strange += curve.isStrange(i) ? 1 : 0;
        }
        assertThat(strange).isEqualTo(1);
    }

    @Test
    void doesNotOverflowOnTheLargestNumbers() {
        Envelope curve = new Envelope();
        for (int i = 0; i < 4 * Envelope.MOST; i++) {
            curve.add(new ProgressPoint(i, 0), i % 2 == 0 ? Double.MAX_VALUE : -Double.MAX_VALUE);
        }

        assertThat(curve.mean(0)).isFinite();
        assertThat(curve.high(0)).isEqualTo(Double.MAX_VALUE);
    }
}

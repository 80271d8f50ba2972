package dev.gradwatch.detection.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PersistenceTest {

    /** One look: what was true, and by how many records the run had grown. */
    record Look(boolean condition, boolean still, int grown) {}

    @Property
    void agreesWithAModelThatRereadsTheWholeHistory(
            @ForAll @Size(max = 120) List<@IntRange(min = 0, max = 59) Integer> coded,
            @ForAll @DoubleRange(min = 0.05, max = 1) double growth,
            @ForAll @IntRange(min = 1, max = 20) int least) {
        Persistence hold = new Persistence(growth, least);
        double[] slots = new double[2 + Persistence.SLOTS];
        List<Look> history = new ArrayList<>();
        long n = 0;
        for (int code : coded) {
            // Conditions come in stretches: three of four looks repeat the first one's.
            Look look = new Look(code % 4 != 0, code % 3 == 0, 1 + code % 5);
            history.add(look);
            n += look.grown();
            assertThat(hold.update(slots, 2, look.condition(), look.still(), n))
                    .as("after %s", history)
                    .isEqualTo(model(history, growth, least));
        }
        assertThat(slots[0]).isZero();
        assertThat(slots[1]).isZero();
    }

    /** Straight from the words: on after an unbroken stretch of the condition, off after an unbroken stretch without either. */
    private static boolean model(List<Look> history, double growth, int least) {
        boolean on = false;
        long n = 0;
        long stretchBegan = -1;
        for (Look look : history) {
            n += look.grown();
            boolean counts = on ? !(look.condition() || look.still()) : look.condition();
            if (!counts) {
                stretchBegan = -1;
                continue;
            }
            if (stretchBegan < 0) {
                stretchBegan = n;
            }
            double needed = Math.max(on ? least : least - 1, growth * stretchBegan);
            if (n - stretchBegan >= needed) {
                on = !on;
                stretchBegan = -1;
            }
        }
        return on;
    }

    @Test
    void switchesOnOnceTheConditionHeldForAShareOfTheRun() {
        Persistence hold = new Persistence(0.1, 2);
        double[] slots = new double[Persistence.SLOTS];

        assertThat(hold.update(slots, 0, true, true, 100)).isFalse();
        assertThat(hold.update(slots, 0, true, true, 109)).isFalse();
        assertThat(hold.update(slots, 0, true, true, 110)).isTrue();
    }

    @Test
    void oneLookWithoutTheConditionStartsThePatienceAnew() {
        Persistence hold = new Persistence(0.1, 2);
        double[] slots = new double[Persistence.SLOTS];
        hold.update(slots, 0, true, true, 100);
        hold.update(slots, 0, false, true, 105);

        assertThat(hold.update(slots, 0, true, true, 110)).isFalse();
        assertThat(hold.update(slots, 0, true, true, 121)).isTrue();
    }

    @Test
    void theWeakerConditionKeepsItOn() {
        Persistence hold = new Persistence(0.1, 1);
        double[] slots = new double[Persistence.SLOTS];
        hold.update(slots, 0, true, true, 10);
        hold.update(slots, 0, true, true, 11);

        for (int n = 12; n < 200; n++) {
            assertThat(hold.update(slots, 0, false, true, n)).isTrue();
        }
    }

    @Test
    void resetForgetsEverything() {
        Persistence hold = new Persistence(0.1, 1);
        double[] slots = new double[Persistence.SLOTS];
        hold.update(slots, 0, true, true, 10);
        hold.update(slots, 0, true, true, 11);
        Persistence.reset(slots, 0);

        assertThat(slots).containsOnly(0);
    }
}

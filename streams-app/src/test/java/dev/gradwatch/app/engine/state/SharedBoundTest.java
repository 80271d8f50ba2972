package dev.gradwatch.app.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.app.engine.HeapBounds;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SharedBoundTest {

    @Property(tries = 200)
    void isKeptWhateverTaskAddsWhat(
            @ForAll @Size(min = 1, max = 500) List<@IntRange(min = 0, max = 3) Integer> additions,
            @ForAll @IntRange(min = 8, max = 60) int most) {
        SharedBound bound = new SharedBound(most);
        int[] own = new int[4];
        for (int i = 0; i < own.length; i++) {
            bound.join();
        }
        for (int task : additions) {
            own[task]++;
            bound.changed(1);
            // As at every record and commit: each task gives up what it has too much.
            for (int i = 0; i < own.length; i++) {
                while (bound.isExceeded(own[i])) {
                    own[i]--;
                    bound.changed(-1);
                }
            }
            assertThat(own[0] + own[1] + own[2] + own[3]).isLessThanOrEqualTo(most);
            assertThat(own[task]).isPositive();
        }
    }

    @Test
    void leavesABusyTaskWhatTheOthersDoNotUse() {
        SharedBound bound = new SharedBound(100);
        bound.join();
        bound.join();
        bound.changed(90);
        assertThat(bound.isExceeded(90)).isFalse();
        bound.changed(11);
        assertThat(bound.isExceeded(90)).isTrue();
        assertThat(bound.isExceeded(11)).as("below its share").isFalse();
    }

    @Test
    void followsTheHeapUnlessItIsSet() {
        assertThat(HeapBounds.liveRuns(0, 1L << 30)).isEqualTo(32_768);
        assertThat(HeapBounds.knownRuns(0, 1L << 30)).isEqualTo(268_435);
        assertThat(HeapBounds.knownRuns(7, 1L << 30)).isEqualTo(7);
    }
}

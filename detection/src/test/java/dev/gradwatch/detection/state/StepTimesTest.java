package dev.gradwatch.detection.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.codec.FieldReader;
import dev.gradwatch.detection.codec.FieldWriter;
import org.junit.jupiter.api.Test;

class StepTimesTest {

    private static final int TO_KNOW = 5 * StepTimes.WINDOW;

    private final StepTimes times = new StepTimes();
    private long step;
    private long millis = 1_700_000_000_000L;

    @Test
    void knowsTheUsualTimeAfterFiveWindows() {
        first();
        assertThat(times.medianMillis()).isNaN();
        run(StepTimes.WINDOW, 1, 250);
        assertThat(times.medianMillis()).isEqualTo(250);
        run(TO_KNOW - StepTimes.WINDOW - 1, 1, 250);
        assertThat(times.usualMillis()).isNaN();
        assertThat(next(1, 250)).isTrue();

        assertThat(times.usualMillis()).isEqualTo(250);
    }

    @Test
    void leavesTheFirstWindowOutOfWhatIsUsual() {
        first();
        run(StepTimes.WINDOW, 1, 9000);
        run(4 * StepTimes.WINDOW, 1, 250);

        assertThat(times.usualMillis()).isEqualTo(250);
    }

    @Test
    void keepsWhatWasUsualOnceItIsKnown() {
        first();
        run(TO_KNOW, 1, 250);
        run(TO_KNOW, 1, 900);

        assertThat(times.usualMillis()).isEqualTo(250);
        assertThat(times.medianMillis()).isEqualTo(900);
    }

    @Test
    void dividesByTheStepsBetweenTwoReports() {
        first();
        run(StepTimes.WINDOW, 10, 2500);

        assertThat(times.medianMillis()).isEqualTo(250);
    }

    @Test
    void stepsThatShareOneTimeAreOneReport() {
        first();
        for (int i = 0; i < StepTimes.WINDOW; i++) {
            for (int k = 0; k < 4; k++) {
                assertThat(times.add(++step, millis)).isFalse();
            }
            millis += 1000;
            times.add(++step, millis);
        }

        // Five steps a second, however their times are rounded.
        assertThat(times.medianMillis()).isEqualTo(200);
    }

    @Test
    void takesNothingFromTimeOrStepsThatGoBack() {
        first();
        run(10, 1, 250);
        assertThat(times.add(step, millis + 50_000)).isFalse();
        assertThat(times.add(step + 1, millis - 50_000)).isFalse();
        run(StepTimes.WINDOW - 10, 1, 250);

        assertThat(times.medianMillis()).isEqualTo(250);
    }

    @Test
    void goesOnFromItsStoredForm() {
        first();
        run(TO_KNOW + 7, 1, 250);
        StepTimes restored = new StepTimes();
        restored.exchange(new FieldReader(bytes(times)));
        assertThat(bytes(restored)).isEqualTo(bytes(times));
        for (int i = 0; i < StepTimes.WINDOW; i++) {
            millis += 400;
            step++;
            assertThat(restored.add(step, millis)).isEqualTo(times.add(step, millis));
        }

        assertThat(bytes(restored)).isEqualTo(bytes(times));
    }

    @Test
    void startsAnewWhenCleared() {
        first();
        run(TO_KNOW, 1, 250);
        times.clear();

        assertThat(bytes(times)).isEqualTo(bytes(new StepTimes()));
        assertThat(times.usualMillis()).isNaN();
    }

    private void first() {
        assertThat(times.add(step, millis)).isFalse();
    }

    private void run(int reports, int steps, int pause) {
        for (int i = 0; i < reports; i++) {
            next(steps, pause);
        }
    }

    private boolean next(int steps, int pause) {
        step += steps;
        millis += pause;
        return times.add(step, millis);
    }

    private static byte[] bytes(StepTimes times) {
        FieldWriter writer = new FieldWriter();
        times.exchange(writer);
        return writer.toByteArray();
    }
}

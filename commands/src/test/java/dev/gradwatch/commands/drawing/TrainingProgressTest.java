package dev.gradwatch.commands.drawing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TrainingProgressTest {

    private final TrainingProgress course = new TrainingProgress();

    @Test
    void drawsAnAttemptThatStartsAgainBesideTheOneBefore() {
        course.pass(0L, 0.0);
        course.pass(100L, 1.0);
        course.turn();
        course.pass(50L, 0.5);
        course.pass(150L, 1.5);

        assertThat(course.place()).isEqualTo(new ProgressPoint(200, 2));
        assertThat(course.turns()).containsExactly(new ProgressPoint(100, 1));
        assertThat(course.firstStep()).isZero();
        assertThat(course.lastStep()).isEqualTo(150);
        assertThat(course.share(course.turns().get(0))).isEqualTo(0.5);
    }

    @Test
    void neverGoesBackInOneAttempt() {
        course.pass(10L, null);
        course.pass(5L, null);
        course.pass(12L, null);

        assertThat(course.place().steps()).isEqualTo(2);
        assertThat(course.lastStep()).isEqualTo(12);
    }

    @Test
    void measuresInEpochsWhereStepsAreRareOrUnknown() {
        course.pass(null, 0.0);
        course.pass(null, 1.0);
        assertThat(course.isInSteps()).isFalse();
        for (long step = 0; step < 3; step++) {
            course.pass(step, null);
        }
        assertThat(course.isInSteps()).isTrue();
    }

    @Test
    void aRunOfOnePlaceBeginsWhereItEnds() {
        course.pass(7L, null);

        assertThat(course.share(course.place())).isZero();
    }
}

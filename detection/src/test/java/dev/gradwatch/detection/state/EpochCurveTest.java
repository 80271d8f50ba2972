package dev.gradwatch.detection.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.gradwatch.detection.codec.FieldReader;
import dev.gradwatch.detection.codec.FieldWriter;
import org.junit.jupiter.api.Test;

class EpochCurveTest {

    private final EpochCurve curve = new EpochCurve();

    @Test
    void takesTheReportedLossBeforeTheStepsMean() {
        steps(20, 2.0);
        assertThat(curve.add(1.5, Double.NaN, Double.NaN)).isTrue();

        assertThat(curve.trainLoss().ago(0)).isEqualTo(1.5);
        assertThat(curve.firstTrainLoss()).isEqualTo(1.5);
    }

    @Test
    void takesTheMeanOfEightStepsOrMoreWhereNoLossIsReported() {
        for (int i = 1; i <= 8; i++) {
            curve.addStepLoss(i);
        }
        assertThat(curve.add(Double.NaN, Double.NaN, Double.NaN)).isTrue();
        assertThat(curve.trainLoss().ago(0)).isCloseTo(4.5, offset(1e-12));

        steps(7, 3.0);
        assertThat(curve.add(Double.NaN, Double.NaN, Double.NaN)).isFalse();
        assertThat(curve.count()).isEqualTo(1);
    }

    @Test
    void countsTheStepsOfEachEpochAnew() {
        steps(10, 4.0);
        curve.add(Double.NaN, Double.NaN, Double.NaN);
        steps(10, 2.0);
        curve.add(Double.NaN, Double.NaN, Double.NaN);

        assertThat(curve.trainLoss().ago(0)).isCloseTo(2, offset(1e-12));
        assertThat(curve.lowestTrainLoss()).isCloseTo(2, offset(1e-12));
    }

    @Test
    void theMeanOfHugeStepsDoesNotOverflow() {
        steps(40, 1.7e308);
        curve.add(Double.NaN, Double.NaN, Double.NaN);

        assertThat(curve.trainLoss().ago(0)).isFinite();
    }

    @Test
    void aGapForgetsTheTrendAndKeepsTheFirstValues() {
        for (int epoch = 1; epoch <= 6; epoch++) {
            assertThat(curve.advance(epoch)).isFalse();
            curve.add(2.0 / epoch, 0.5, 0.4);
        }
        assertThat(curve.advance(12)).isTrue();
        curve.add(0.1, 0.6, 0.5);

        assertThat(curve.trainLoss().size()).isEqualTo(1);
        assertThat(curve.trainAccuracy().size()).isEqualTo(1);
        assertThat(curve.validationAccuracy().size()).isEqualTo(1);
        assertThat(curve.count()).isEqualTo(7);
        assertThat(curve.firstTrainLoss()).isEqualTo(2);
        assertThat(curve.firstValidationAccuracy()).isEqualTo(0.4);
    }

    @Test
    void aRunThatReportsEveryTenthEpochHasNoGaps() {
        for (int epoch = 10; epoch <= 100; epoch += 10) {
            curve.advance(epoch);
            curve.add(1.0, 0.5, 0.4);
        }

        assertThat(curve.advance(110)).isFalse();
        assertThat(curve.advance(150)).isFalse();
        assertThat(curve.trainLoss().size()).isEqualTo(10);
    }

    @Test
    void anEpochThatIsNotANumberMovesNothing() {
        curve.advance(1);
        assertThat(curve.advance(Double.NaN)).isFalse();
        assertThat(curve.advance(2)).isFalse();
        assertThat(curve.advance(40)).isTrue();
    }

    @Test
    void leavesOutWhatIsNotFinite() {
        assertThat(curve.add(Double.NaN, Double.POSITIVE_INFINITY, Double.NaN)).isFalse();
        assertThat(curve.add(Double.POSITIVE_INFINITY, 0.5, 0.4)).isFalse();

        assertThat(curve.count()).isZero();
        assertThat(curve.trainLoss().isEmpty()).isTrue();
        assertThat(curve.trainAccuracy().size()).isEqualTo(1);
        assertThat(curve.firstTrainLoss()).isNaN();
    }

    @Test
    void readsPercentOnceAnAccuracyIsAboveOne() {
        curve.add(1.0, 0.9, 0.8);
        assertThat(curve.share(0.9)).isEqualTo(0.9);
        curve.add(1.0, 62.0, 58.0);

        assertThat(curve.share(62)).isEqualTo(0.62);
        assertThat(curve.share(4)).isEqualTo(0.04);
    }

    @Test
    void remembersAsMuchAsItSays() {
        for (int i = 1; i <= 100; i++) {
            curve.advance(i);
            curve.add(i, 0.5, 0.4);
        }

        assertThat(curve.trainLoss().size()).isEqualTo(32);
        assertThat(curve.trainAccuracy().size()).isEqualTo(8);
        assertThat(curve.count()).isEqualTo(100);
        assertThat(curve.lowestTrainLoss()).isEqualTo(1);
    }

    @Test
    void goesOnFromItsStoredForm() {
        for (int i = 1; i <= 9; i++) {
            curve.advance(i);
            curve.add(1.0 / i, 50 + i, 40 + i);
        }
        steps(12, 0.7);
        EpochCurve restored = copy(curve);
        curve.advance(10);
        curve.add(Double.NaN, 60, 50);
        restored.advance(10);
        restored.add(Double.NaN, 60, 50);

        assertThat(bytes(restored)).isEqualTo(bytes(curve));
        assertThat(restored.trainLoss().ago(0)).isCloseTo(0.7, offset(1e-12));
        assertThat(restored.share(60)).isEqualTo(0.6);
        assertThat(restored.advance(60)).isTrue();
    }

    @Test
    void startsAnewWhenCleared() {
        curve.advance(7);
        curve.add(1.0, 60.0, 50.0);
        steps(20, 5);
        curve.clear();

        assertThat(bytes(curve)).isEqualTo(bytes(new EpochCurve()));
    }

    private void steps(int count, double loss) {
        for (int i = 0; i < count; i++) {
            curve.addStepLoss(loss);
        }
    }

    private static EpochCurve copy(EpochCurve curve) {
        EpochCurve copy = new EpochCurve();
        copy.exchange(new FieldReader(bytes(curve)));
        return copy;
    }

    private static byte[] bytes(EpochCurve curve) {
        FieldWriter writer = new FieldWriter();
        curve.exchange(writer);
        return writer.toByteArray();
    }
}

package dev.gradwatch.detection.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.state.RunProgress.Freshness;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunProgressTest {

    private final RunProgress progress = new RunProgress();

    @Test
    void takesNoPlaceFromAnEpochThatIsNotANumber() {
        assertThat(progress.freshnessOf(epoch(1.0, 0.5, null))).isEqualTo(Freshness.NEW);
        assertThat(progress.freshnessOf(epoch(Double.NaN, 0.4, null))).isEqualTo(Freshness.NEW);
        assertThat(progress.freshnessOf(epoch(2.0, 0.3, null))).isEqualTo(Freshness.NEW);
        assertThat(progress.freshnessOf(epoch(1.0, 0.5, null))).isEqualTo(Freshness.STALE);
    }

    @Test
    void takesTrainingAndValidationOfOneEpochApart() {
        assertThat(progress.freshnessOf(epoch(1.0, 0.5, null))).isEqualTo(Freshness.NEW);
        assertThat(progress.freshnessOf(epoch(1.0, null, 0.6))).isEqualTo(Freshness.NEW);
        assertThat(progress.freshnessOf(epoch(1.0, null, 0.6))).isEqualTo(Freshness.DUPLICATE);
    }

    private static EpochCompleted epoch(Double epoch, Double trainLoss, Double validationLoss) {
        return new EpochCompleted(epoch, null, trainLoss, validationLoss, null, null, null, null, Map.of());
    }
}

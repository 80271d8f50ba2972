package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EngineSettingsTest {

    @Test
    void saysEverythingThatIsWrongAtOnce() {
        TestSettings settings = new TestSettings(Path.of("state"))
                .threads(0)
                .cachedRuns(0)
                .commitInterval(Duration.ZERO)
                .stopAbove(1.5, 0);
        assertThatThrownBy(settings::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("stream threads = 0")
                .hasMessageContaining("live runs = 0")
                .hasMessageContaining("commit interval = PT0S")
                .hasMessageContaining("dead-letter share = 1.5")
                .hasMessageContaining("dead-letter minimum = 0");
    }

    @Test
    void keepsTheGuaranteeOutOfReach() {
        TestSettings settings = new TestSettings(Path.of("state")).kafka("processing.guarantee", "at_least_once");
        assertThatThrownBy(settings::build).hasMessageContaining("processing.guarantee: is decided by the engine");
    }
}

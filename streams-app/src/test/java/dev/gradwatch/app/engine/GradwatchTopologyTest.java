package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GradwatchTopologyTest {

    @TempDir
    private Path stateDir;

    /** A difference means that a running installation changes shape: say in CHANGELOG.md whether its state must be reset. */
    @Test
    void hasTheShapeThatIsWrittenDown() throws IOException {
        String golden;
        try (InputStream file = GradwatchTopologyTest.class.getResourceAsStream("/topology.txt")) {
            golden = new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
        String topology = topology(new TestSettings(stateDir)).describe();
        assertThat(topology.strip()).isEqualTo(golden.strip());
    }

    @Test
    void commitsExactlyOnceAndNamesEveryInternalTopic() {
        Properties properties = topology(new TestSettings(stateDir)).streamsProperties();
        assertThat(properties)
                .containsEntry("processing.guarantee", "exactly_once_v2")
                .containsEntry("ensure.explicit.internal.resource.naming", "true")
                .containsEntry("commit.interval.ms", "1000");
    }

    @Test
    void mayWaitForTheRegistryWithoutLosingItsPlaceInTheGroup() {
        Properties properties = topology(new TestSettings(stateDir).registryPatience(Duration.ofMinutes(20)))
                .streamsProperties();
        long maxPollMillis = Long.parseLong(properties.getProperty("main.consumer.max.poll.interval.ms"));
        assertThat(maxPollMillis).isGreaterThan(Duration.ofMinutes(40).toMillis());
    }

    @Test
    void passesClientPropertiesThrough() {
        Properties properties = topology(new TestSettings(stateDir)
                        .kafka("security.protocol", "SASL_SSL")
                        .kafka("producer.linger.ms", "33"))
                .streamsProperties();
        assertThat(properties).containsEntry("security.protocol", "SASL_SSL").containsEntry("producer.linger.ms", "33");
    }

    private static GradwatchTopology topology(TestSettings settings) {
        return new GradwatchTopology(
                settings.build(), new InMemoryRegistry(), EngineListener.NONE, partition -> true, () -> 0);
    }
}

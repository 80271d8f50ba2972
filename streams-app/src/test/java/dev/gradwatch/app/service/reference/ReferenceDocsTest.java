package dev.gradwatch.app.service.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.app.service.config.ConfigReference;
import dev.gradwatch.app.service.metrics.MetricsReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The reference pages say what the code says. */
class ReferenceDocsTest {

    private static final String REWRITE =
            "mvn -pl streams-app -am package -Dtest=ReferenceDocsTest -Dsurefire.failIfNoSpecifiedTests=false"
                    + " -Dgradwatch.docs.write=true";

    @Test
    void configurationIsCurrent() throws IOException {
        hold("configuration.md", ConfigReference.markdown());
    }

    @Test
    void metricsAreCurrent() throws IOException {
        hold("metrics.md", MetricsReference.markdown());
    }

    private static void hold(String name, String expected) throws IOException {
        Path page = Path.of("..", "docs", name).toAbsolutePath().normalize();
        if (Boolean.getBoolean("gradwatch.docs.write")) {
            Files.createDirectories(page.getParent());
            Files.writeString(page, expected);
        }
        assertThat(page).as("the reference page; write it with: " + REWRITE).exists();
        assertThat(Files.readString(page))
                .as("docs/" + name + " is stale; write it again with: " + REWRITE)
                .isEqualTo(expected);
    }
}

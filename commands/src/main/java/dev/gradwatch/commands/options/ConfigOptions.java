package dev.gradwatch.commands.options;

import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.app.service.logging.LogSetup;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How a command finds its configuration; the same on every command that has one. */
@Command
public final class ConfigOptions {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description =
                    "Configuration file; its values go before the environment. Default: ./gradwatch.properties when there is"
                            + " one, and the environment goes before that.")
    private Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Set one configuration key, as listed by 'gradwatch config'. May be repeated.")
    private Map<String, String> values = new LinkedHashMap<>();

    @Option(names = "--bootstrap-servers", paramLabel = "HOST:PORT", description = "Short for kafka.bootstrap-servers.")
    private String brokers;

    @Option(names = "--registry", paramLabel = "URL", description = "Short for registry.urls.")
    private String registry;

    @Option(names = "--topic-prefix", paramLabel = "PREFIX", description = "Short for topics.prefix.")
    private String prefix;

    /**
     * Reads the configuration from every place it may stand in, and sets the logging up as it says.
     *
     * @throws dev.gradwatch.app.service.config.ConfigurationException when it cannot be used
     */
    public GradwatchConfig load() {
        Map<String, String> overrides = new LinkedHashMap<>(values);
        putIfGiven(overrides, "kafka.bootstrap-servers", brokers);
        putIfGiven(overrides, "registry.urls", registry);
        putIfGiven(overrides, "topics.prefix", prefix);
        GradwatchConfig config = GradwatchConfig.load(file, overrides);
        LogSetup.apply(config);
        return config;
    }

    private static void putIfGiven(Map<String, String> overrides, String key, String value) {
        if (value != null) {
            overrides.put(key, value);
        }
    }
}

package dev.gradwatch.app.service.config;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import dev.gradwatch.app.engine.EngineSettings;
import dev.gradwatch.app.service.TopicsAdmin;
import dev.gradwatch.app.service.logging.LogSetup;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Every documented key is changed, and what reads it is asked whether it noticed. A key that is not in this table fails the test. */
class SettingsSweepTest {

    private record Effect(String value, Function<GradwatchConfig, Object> seen, Object expected) {}

    private static final Map<String, Effect> EFFECTS = new TreeMap<>();

    static {
        put(
                "kafka.bootstrap-servers",
                "a:1,b:2",
                c -> c.toEngineSettings().kafka().get("bootstrap.servers"),
                "a:1,b:2");
        put("registry.urls", "http://a:1", c -> c.settings().registry().urls(), java.util.List.of("http://a:1"));
        put("registry.auto-register", "false", c -> c.settings().registry().autoRegister(), false);
        put(
                "registry.patience",
                "7s",
                c -> c.toEngineSettings().registryPatience().toString(),
                "PT7S");
        put("topics.prefix", "other", c -> c.topics().alerts().startsWith("other."), true);
        put("topics.partitions", "5", c -> plan(c, 0).partitions(), 5);
        put("topics.replication-factor", "3", c -> plan(c, 0).settings().get("min.insync.replicas"), "2");
        put("topics.event-retention", "2h", c -> plan(c, 0).settings().get("retention.ms"), "7200000");
        put("topics.alert-retention", "2h", c -> plan(c, 1).settings().get("retention.ms"), "7200000");
        put("topics.dead-letter-retention", "2h", c -> plan(c, 3).settings().get("retention.ms"), "7200000");
        engine("streams.application-id", "other", EngineSettings::applicationId, "other");
        engine("streams.threads", "9", EngineSettings::streamThreads, 9);
        engine("streams.state-dir", "there", settings -> settings.stateDir().toString(), "there");
        engine("streams.standby-replicas", "2", settings -> settings.kafka().get("num.standby.replicas"), "2");
        engine("streams.group-protocol", "streams", settings -> settings.kafka().get("group.protocol"), "streams");
        engine(
                "streams.commit-interval",
                "3s",
                settings -> settings.commitInterval().toString(),
                "PT3S");
        engine(
                "streams.alert-commit-interval",
                "50ms",
                s -> s.alertCommitInterval().toString(),
                "PT0.05S");
        put(
                "streams.close-timeout",
                "9s",
                c -> c.settings().streams().closeTimeout().toString(),
                "PT9S");
        engine(
                "runs.status-interval",
                "3s",
                settings -> settings.statusInterval().toString(),
                "PT3S");
        engine(
                "runs.retain-finished",
                "3h",
                settings -> settings.retainFinished().toString(),
                "PT3H");
        engine("runs.retain-silent", "3h", settings -> settings.retainSilent().toString(), "PT3H");
        engine("streams.instance-id", "here", EngineSettings::instanceId, "here");
        engine("runs.cached", "7", EngineSettings::liveRuns, 7);
        engine("runs.known", "1234", EngineSettings::knownRuns, 1234);
        engine("dead-letters.max-share", "0.25", EngineSettings::maxDeadLetterShare, 0.25);
        engine("dead-letters.min-count", "77", EngineSettings::minDeadLetters, 77);
        engine(
                "dead-letters.when-too-many",
                "stop",
                s -> s.whenTooManyDeadLetters().name(),
                "STOP");
        put("metrics.run-alerts", "3", c -> c.settings().metrics().runAlerts(), 3);
        put("metrics.label-values", "3", c -> c.settings().metrics().labelValues(), 3);
        put("http.host", "127.0.0.9", c -> c.settings().http().host(), "127.0.0.9");
        put("http.port", "9", c -> c.settings().http().port(), 9);
        put("http.token", "12345678", c -> c.secrets().contains("12345678"), true);
        put("log.level", "trace", c -> level(c, "dev.gradwatch"), "TRACE");
        put("log.library-level", "error", c -> level(c, "ROOT"), "ERROR");
        put("log.format", "json", SettingsSweepTest::appender, "json");
    }

    @AfterEach
    void resetLogging() {
        LogSetup.apply(GradwatchConfig.of(Map.of()));
    }

    @Test
    void everyKeyReachesWhatReadsIt() {
        assertThat(KeyCatalogue.keys())
                .filteredOn(key -> !EFFECTS.containsKey(key.name()))
                .extracting(key -> key.name())
                .as("keys that no line of this table holds against the code that reads them")
                .isEmpty();
        EFFECTS.forEach((key, effect) -> {
            assertThat(effect.seen().apply(GradwatchConfig.of(Map.of(key, effect.value()))))
                    .as(key)
                    .isEqualTo(effect.expected());
            assertThat(effect.seen().apply(GradwatchConfig.of(Map.of())))
                    .as("default of " + key)
                    .isNotEqualTo(effect.expected());
        });
    }

    private static void put(String key, String value, Function<GradwatchConfig, Object> seen, Object expected) {
        EFFECTS.put(key, new Effect(value, seen, expected));
    }

    private static void engine(String key, String value, Function<EngineSettings, Object> seen, Object expected) {
        put(key, value, config -> seen.apply(config.toEngineSettings()), expected);
    }

    private static TopicsAdmin.TopicPlan plan(GradwatchConfig config, int topic) {
        try (TopicsAdmin topics = new TopicsAdmin(config)) {
            return topics.plan().get(topic);
        }
    }

    private static String level(GradwatchConfig config, String logger) {
        LogSetup.apply(config);
        return ((Logger) LoggerFactory.getLogger(logger)).getLevel().toString();
    }

    private static Object appender(GradwatchConfig config) {
        LogSetup.apply(config);
        return ((Logger) LoggerFactory.getLogger("ROOT"))
                .iteratorForAppenders()
                .next()
                .getName();
    }
}

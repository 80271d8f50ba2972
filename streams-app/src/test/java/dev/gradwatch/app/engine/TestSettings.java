package dev.gradwatch.app.engine;

import dev.gradwatch.app.engine.partitions.BadRecords;
import dev.gradwatch.detection.DetectionSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Settings for tests: what a test does not name is what the service has by default, or small. */
final class TestSettings {

    private final Path stateDir;
    private final Map<String, String> kafka = new HashMap<>(Map.of("bootstrap.servers", "127.0.0.1:1"));
    private String applicationId = "gradwatch";
    private String prefix = "gradwatch";
    private int threads = 1;
    private int cachedRuns = 1000;
    private int knownRuns = 100_000;
    private Duration commitInterval = Duration.ofSeconds(1);
    private Duration retainFinished = Duration.ofHours(1);
    private Duration retainSilent = Duration.ofDays(7);
    private Duration registryPatience = Duration.ofSeconds(60);
    private double maxDeadLetterShare = 0.5;
    private int minDeadLetters = 100;
    private BadRecords.Reaction reaction = BadRecords.Reaction.PAUSE;

    TestSettings(Path stateDir) {
        this.stateDir = stateDir;
    }

    TestSettings applicationId(String value) {
        applicationId = value;
        return this;
    }

    TestSettings prefix(String value) {
        prefix = value;
        return this;
    }

    TestSettings threads(int value) {
        threads = value;
        return this;
    }

    TestSettings cachedRuns(int value) {
        cachedRuns = value;
        return this;
    }

    TestSettings knownRuns(int value) {
        knownRuns = value;
        return this;
    }

    TestSettings commitInterval(Duration value) {
        commitInterval = value;
        return this;
    }

    TestSettings retain(Duration finished, Duration silent) {
        retainFinished = finished;
        retainSilent = silent;
        return this;
    }

    TestSettings registryPatience(Duration value) {
        registryPatience = value;
        return this;
    }

    TestSettings whenTooManyBad(BadRecords.Reaction value) {
        reaction = value;
        return this;
    }

    TestSettings stopAbove(double share, int minimum) {
        maxDeadLetterShare = share;
        minDeadLetters = minimum;
        return this;
    }

    TestSettings kafka(String key, String value) {
        kafka.put(key, value);
        return this;
    }

    EngineSettings build() {
        return new EngineSettings(
                applicationId,
                "",
                new Topics(prefix),
                threads,
                stateDir,
                commitInterval,
                Duration.ofMillis(100),
                cachedRuns,
                knownRuns,
                Duration.ofSeconds(10),
                retainFinished,
                retainSilent,
                maxDeadLetterShare,
                minDeadLetters,
                reaction,
                registryPatience,
                DetectionSettings.defaults(),
                kafka);
    }
}

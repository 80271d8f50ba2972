package dev.gradwatch.app.engine;

import dev.gradwatch.detection.detector.DetectorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** What the engine is told when it starts. */
public record EngineSettings(
        String applicationId,
        Topics topics,
        int streamThreads,
        Path stateDir,
        Duration commitInterval,
        Duration alertCommitInterval,
        int cachedRuns,
        Duration statusInterval,
        Duration retainFinished,
        Duration retainSilent,
        double maxDeadLetterShare,
        int minDeadLetters,
        Duration registryPatience,
        DetectorSettings detectors,
        Map<String, String> kafka) {

    public EngineSettings {
        kafka = Map.copyOf(kafka);
    }
}

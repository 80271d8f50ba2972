package dev.gradwatch.app.engine;

import dev.gradwatch.app.engine.partitions.BadRecords;
import dev.gradwatch.detection.DetectionSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the engine must be told. Immutable; everything wrong with it is said in one exception.
 *
 * @param applicationId names the consumer group, the transactions and the changelog topic
 * @param instanceId names this instance over restarts, so that it gets its partitions back at once; empty: it has no such name
 * @param streamThreads stream threads of this instance
 * @param stateDir where RocksDB keeps its files; all of it can be restored from the changelog
 * @param commitInterval how often input, state and output are committed together
 * @param alertCommitInterval commits asked for by alerts come at most this often
 * @param liveRuns run states that this instance keeps in memory
 * @param knownRuns runs that this instance watches; beyond, the one that was heard least recently is forgotten
 * @param statusInterval a run's status is written at most this often by event time, unless something changed
 * @param retainFinished a finished run is forgotten this long after its last record
 * @param retainSilent any run is forgotten this long after its last record
 * @param maxDeadLetterShare above this share of a partition's last 1000 records that count there are too many, 0 to 1
 * @param minDeadLetters fewer bad records than this among them are never too many
 * @param whenTooManyDeadLetters what happens then
 * @param registryPatience how long a record waits for the schema registry before its thread starts over
 * @param kafka client properties as they are, with {@code bootstrap.servers} and security among them
 */
public record EngineSettings(
        String applicationId,
        String instanceId,
        Topics topics,
        int streamThreads,
        Path stateDir,
        Duration commitInterval,
        Duration alertCommitInterval,
        int liveRuns,
        int knownRuns,
        Duration statusInterval,
        Duration retainFinished,
        Duration retainSilent,
        double maxDeadLetterShare,
        int minDeadLetters,
        BadRecords.Reaction whenTooManyDeadLetters,
        Duration registryPatience,
        DetectionSettings detectors,
        Map<String, String> kafka) {

    public EngineSettings {
        kafka = Map.copyOf(kafka);
        List<String> problems = new ArrayList<>();
        require(!applicationId.isBlank(), "application id is blank", problems);
        require(streamThreads >= 1, "stream threads = " + streamThreads + ": must be 1 or more", problems);
        require(liveRuns >= 1, "live runs = " + liveRuns + ": must be 1 or more", problems);
        require(knownRuns >= 1, "known runs = " + knownRuns + ": must be 1 or more", problems);
        require(
                maxDeadLetterShare >= 0 && maxDeadLetterShare <= 1,
                "dead-letter share = " + maxDeadLetterShare + ": must be 0 to 1",
                problems);
        require(minDeadLetters >= 1, "dead-letter minimum = " + minDeadLetters + ": must be 1 or more", problems);
        requirePositive(commitInterval, "commit interval", problems);
        requirePositive(alertCommitInterval, "alert commit interval", problems);
        requirePositive(retainFinished, "retention of finished runs", problems);
        requirePositive(retainSilent, "retention of silent runs", problems);
        require(!statusInterval.isNegative(), "status interval = " + statusInterval + ": is negative", problems);
        require(!registryPatience.isNegative(), "registry patience = " + registryPatience + ": is negative", problems);
        for (String key : EngineProperties.DECIDED_HERE) {
            require(!kafka.containsKey(key), key + ": is decided by the engine, remove it", problems);
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
    }

    private static void requirePositive(Duration value, String name, List<String> problems) {
        require(value.toMillis() > 0, name + " = " + value + ": must be a millisecond or more", problems);
    }

    private static void require(boolean holds, String problem, List<String> problems) {
        if (!holds) {
            problems.add(problem);
        }
    }
}

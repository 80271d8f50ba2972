package dev.gradwatch.recorded.follow;

import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.recorded.log.ReadOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * What to follow and how.
 *
 * @param roots folders or files
 * @param wanted which files in the folders
 * @param idPrefix before every run id that comes from a path
 * @param completed adds to a registration what the log does not say, given the path of its run
 * @param reading how the logs are to be read
 * @param interval between two looks
 * @param settleAfter without a change, what might be continued is taken as complete
 * @param finishedAfter without a change, the run is said to have ended; {@code null}: never
 * @param ignoreOlder files that were last written longer ago than this, when first seen, are left alone until they change; {@code null}:
 *     none are
 * @param once whether to end when everything was read that is there
 */
public record FollowOptions(
        List<Path> roots,
        Predicate<Path> wanted,
        String idPrefix,
        BiFunction<Path, RunStarted, RunStarted> completed,
        ReadOptions reading,
        Duration interval,
        Duration settleAfter,
        Duration finishedAfter,
        Duration ignoreOlder,
        boolean once) {

    public FollowOptions {
        roots = List.copyOf(roots);
    }
}

package dev.gradwatch.recorded.follow;

import dev.gradwatch.recorded.log.LogPosition;

/**
 * How far a growing file was read, and how to know it again.
 *
 * @param key the file system's own name of the file, which a renamed file keeps; {@code null} where there is none
 * @param head checksum of its first bytes
 * @param tail checksum of the last bytes that were read
 */
public record FilePosition(LogPosition mark, String key, long head, long tail) {}

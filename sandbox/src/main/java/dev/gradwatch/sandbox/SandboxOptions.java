package dev.gradwatch.sandbox;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a sandbox is started.
 *
 * @param folder where it keeps everything
 * @param fresh whether what was kept goes first
 * @param length after which it ends by itself, or {@code null}
 * @param size how many runs train at a time
 * @param seed where the fleet's random numbers start
 * @param examples whether the articles' examples train beside the fleet, where Python is there
 */
record SandboxOptions(Path folder, boolean fresh, Duration length, int size, long seed, boolean examples) {}

package dev.gradwatch.recorded;

import java.nio.file.Path;
import java.util.List;

/**
 * A run that lies in a folder.
 *
 * @param id from its path below the folder that was searched, the same every time
 * @param place its file, or its folder where it has several
 * @param files what to read of it
 */
public record FoundRun(String id, Path place, List<Path> files) {}

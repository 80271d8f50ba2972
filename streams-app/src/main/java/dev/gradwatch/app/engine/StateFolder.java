package dev.gradwatch.app.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Refuses folders that cannot be the service's own before anything is written into them: Kafka Streams deletes what it does not need in its
 * state folder, and {@code gradwatch reset} deletes the application's part of it.
 */
public final class StateFolder {

    /** Kafka Streams writes it into the folder of each application. */
    private static final String APPLICATION_FILE = "kafka-streams-process-metadata";
    /** What a file system puts into a volume by itself. */
    private static final String OF_THE_VOLUME = "lost+found";

    private StateFolder() {}

    /**
     * Returns when the folder can be used, or made.
     *
     * @throws StateFolderException saying what is wrong with it and what to do
     */
    public static void check(Path folder, String applicationId) {
        Path absolute = folder.toAbsolutePath().normalize();
        if (absolute.getParent() == null) {
            throw new StateFolderException(absolute, "is the root of the file system");
        }
        if (absolute.equals(
                Path.of(System.getProperty("user.home")).toAbsolutePath().normalize())) {
            throw new StateFolderException(absolute, "is a home folder");
        }
        if (!Files.exists(absolute)) {
            return;
        }
        if (!Files.isDirectory(absolute)) {
            throw new StateFolderException(absolute, "is a file");
        }
        if (!Files.isWritable(absolute)) {
            throw new StateFolderException(absolute, "cannot be written");
        }
        try (Stream<Path> entries = Files.list(absolute)) {
            entries.filter(entry -> !isOurs(entry, applicationId)).findFirst().ifPresent(entry -> {
                throw new StateFolderException(absolute, "holds something else (" + entry.getFileName() + ")");
            });
        } catch (IOException e) {
            throw new StateFolderException(absolute, "cannot be read (" + e.getMessage() + ")");
        }
    }

    private static boolean isOurs(Path entry, String applicationId) {
        String name = entry.getFileName().toString();
        if (name.equals(OF_THE_VOLUME)) {
            return true;
        }
        return Files.isDirectory(entry)
                && (name.equals(applicationId) || Files.exists(entry.resolve(APPLICATION_FILE)));
    }
}

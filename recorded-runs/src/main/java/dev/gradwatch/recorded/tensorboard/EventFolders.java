package dev.gradwatch.recorded.tensorboard;

import dev.gradwatch.recorded.names.Scalar.Part;
import dev.gradwatch.recorded.names.ScalarNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which folders of event files make one run. All files of a folder do; so do {@code train} and {@code validation} in one folder, as Keras
 * makes them, and folders such as {@code loss_train} and {@code loss_val} below the run's own event files, as PyTorch makes them.
 */
final class EventFolders {

    private static final String IN_NAME = ".tfevents.";

    private EventFolders() {}

    static boolean isEventFile(Path file) {
        return String.valueOf(file.getFileName()).contains(IN_NAME);
    }

    /** The folder of the run that the event files in a folder belong to. */
    static Path runFolder(Path folder, Path root) {
        boolean part = !folder.equals(root) && isPart(folder.toAbsolutePath().normalize());
        return part ? folder.getParent() : folder;
    }

    /** The samples that all scalars of a file were measured on, where its folder says so. */
    static Part part(Path file) {
        Path folder = parent(file);
        return isPart(folder) ? ScalarNames.partOf(folder.getFileName().toString()) : Part.UNSAID;
    }

    /** All event files of the run in this folder, in the order of their names; empty when it holds none. */
    static List<Path> filesOf(Path runFolder) throws IOException {
        List<Path> files = new ArrayList<>(eventFiles(runFolder));
        for (Path inside : list(runFolder)) {
            if (Files.isDirectory(inside) && isPart(inside.toAbsolutePath().normalize())) {
                files.addAll(eventFiles(inside));
            }
        }
        return files;
    }

    private static boolean isPart(Path folder) {
        Path above = folder.getParent();
        if (above == null || folder.getFileName() == null) {
            return false;
        }
        String name = folder.getFileName().toString();
        Part part = ScalarNames.partOf(name);
        if (part == Part.UNSAID) {
            return false;
        }
        return name.equals("train")
                || !eventFiles(above).isEmpty()
                || (ScalarNames.isOneWord(name)
                        && !eventFiles(above.resolve("train")).isEmpty());
    }

    private static List<Path> eventFiles(Path folder) {
        return list(folder).stream()
                .filter(EventFolders::isEventFile)
                .filter(Files::isRegularFile)
                .toList();
    }

    private static List<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.sorted().toList();
        } catch (IOException e) {
            // It went away, or may not be read; whoever asked for it by name hears of that when opening it.
            return List.of();
        }
    }

    private static Path parent(Path file) {
        return file.toAbsolutePath().normalize().getParent();
    }
}

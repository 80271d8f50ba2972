package dev.gradwatch.commands.options;

import dev.gradwatch.commands.terminal.Output;
import dev.gradwatch.recorded.RecordedRun;
import dev.gradwatch.recorded.RecordedRuns;
import dev.gradwatch.recorded.log.ReadOptions;
import dev.gradwatch.recorded.log.RecordedRunException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files that a command was given, folders opened; keeps count of those that could not be read and names each. */
public final class RecordedFiles {

    private final Output output;
    private final ReadOptions options;
    private final List<Path> found = new ArrayList<>();
    private int unreadable;

    private RecordedFiles(Output output, ReadOptions options) {
        this.output = output;
        this.options = options;
    }

    public static RecordedFiles of(List<Path> paths, Output output, ReadOptions options) {
        RecordedFiles files = new RecordedFiles(output, options);
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                files.addFolder(path);
            } else {
                files.found.add(path);
            }
        }
        return files;
    }

    /** Opens one of them as the user said that it is to be read. */
    public RecordedRun open(Path file) throws RecordedRunException {
        return RecordedRuns.open(file, options);
    }

    /** In the order given; those of a folder by name. */
    public List<Path> found() {
        return found;
    }

    public void unreadable(RecordedRunException problem) {
        unreadable++;
        output.say(problem.getMessage());
    }

    public int unreadableCount() {
        return unreadable;
    }

    private void addFolder(Path folder) {
        try {
            List<Path> inside = RecordedRuns.in(folder, options);
            if (inside.isEmpty()) {
                unreadable(new RecordedRunException(folder, 0, RecordedRuns.nothingIn(folder), null));
            }
            found.addAll(inside);
        } catch (IOException e) {
            unreadable(new RecordedRunException(folder, 0, "the folder cannot be read: " + e.getMessage(), null));
        }
    }
}

package dev.gradwatch.recorded.tensorboard;

import dev.gradwatch.recorded.log.LogEntries;
import dev.gradwatch.recorded.log.LogFile;
import dev.gradwatch.recorded.log.LogFormat;
import dev.gradwatch.recorded.log.ReadOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** TensorBoard's event files, alone or all of a run together. */
public final class EventFileFormat implements LogFormat {

    @Override
    public String name() {
        return "TensorBoard event file";
    }

    @Override
    public boolean isNamed(Path file) {
        return EventFolders.isEventFile(file);
    }

    @Override
    public boolean recognises(Path file, String opening, ReadOptions options) {
        return isNamed(file);
    }

    @Override
    public boolean isGenericName(Path file) {
        return true;
    }

    @Override
    public boolean hasSeveralFiles() {
        return true;
    }

    @Override
    public Path runFolder(Path folder, Path root) {
        return EventFolders.runFolder(folder, root);
    }

    @Override
    public List<Path> filesIn(Path runFolder) throws IOException {
        return EventFolders.filesOf(runFolder);
    }

    @Override
    public LogEntries open(List<LogFile> files, ReadOptions options) throws IOException {
        List<EventFileReader> readers = new ArrayList<>();
        try {
            boolean growing = false;
            boolean stepwise = false;
            for (LogFile file : files) {
                growing |= file.growing();
                stepwise |= file.from().stepwise();
                readers.add(new EventFileReader(
                        file.file(), EventFolders.part(file.file()), file.content(), file.from(), file.growing()));
            }
            return new EventFileEntries(readers, growing, stepwise);
        } catch (IOException | RuntimeException e) {
            for (LogFile file : files) {
                file.content().close();
            }
            throw e;
        }
    }
}

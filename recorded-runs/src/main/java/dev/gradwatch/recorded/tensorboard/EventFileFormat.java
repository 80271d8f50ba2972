package dev.gradwatch.recorded.tensorboard;

import dev.gradwatch.recorded.log.LogEntries;
import dev.gradwatch.recorded.log.LogFile;
import dev.gradwatch.recorded.log.LogFormat;
import dev.gradwatch.recorded.log.LogPosition;
import dev.gradwatch.recorded.log.ReadOptions;
import dev.gradwatch.recorded.log.RecordedRunException;
import dev.gradwatch.recorded.names.AmbiguousLossException;
import dev.gradwatch.recorded.names.NameTable;
import dev.gradwatch.recorded.names.Scalar.Part;
import dev.gradwatch.recorded.scalars.ScalarEvent;
import dev.gradwatch.recorded.scalars.ScalarStreamEntries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** TensorBoard's event files, alone or all of a run together. */
public final class EventFileFormat implements LogFormat {

    /** Events that are looked at to learn the tags of a run: a few rounds of logging. */
    private static final int FIRST_EVENTS = 500;

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
    public LogEntries open(List<LogFile> files, ReadOptions options) throws IOException, RecordedRunException {
        List<EventFileReader> readers = new ArrayList<>();
        try {
            boolean growing = false;
            boolean stepwise = false;
            Set<String> tags = new LinkedHashSet<>();
            NameTable names = table(files, options.names(), tags);
            for (LogFile file : files) {
                growing |= file.growing();
                stepwise |= file.from().stepwise();
                readers.add(new EventFileReader(
                        file.file(),
                        EventFolders.part(file.file()),
                        file.content(),
                        file.from(),
                        file.growing(),
                        names));
            }
            return new ScalarStreamEntries(readers, growing, stepwise, tags);
        } catch (IOException | RecordedRunException | RuntimeException e) {
            for (LogFile file : files) {
                file.content().close();
            }
            throw e;
        }
    }

    /** Which of the losses is the run's, by the tags of the first events. */
    private static NameTable table(List<LogFile> files, NameTable names, Set<String> tags)
            throws IOException, RecordedRunException {
        Set<String> training = new LinkedHashSet<>();
        for (LogFile file : files) {
            Part part = EventFolders.part(file.file());
            try (EventFileReader ahead = new EventFileReader(
                    file.file(), part, file.again().open(), LogPosition.START, file.growing(), names)) {
                for (int i = 0; i < FIRST_EVENTS && ahead.head() != null; i++) {
                    for (ScalarEvent.Value value : ahead.head().values()) {
                        tags.add(value.tag());
                        if (!part.isHeldOut()) {
                            training.add(value.tag());
                        }
                    }
                    ahead.advance();
                }
            }
        }
        try {
            return names.with(training.isEmpty() ? tags : training, Part.UNSAID);
        } catch (AmbiguousLossException e) {
            RecordedRunException told = new RecordedRunException(files.get(0).file(), 0, e.getMessage(), null);
            told.initCause(e);
            throw told;
        }
    }
}

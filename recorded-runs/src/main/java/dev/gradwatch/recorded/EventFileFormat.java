package dev.gradwatch.recorded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** TensorBoard's event files, alone or all of a run together. */
final class EventFileFormat implements RecordedFormat {

    private static final int BUFFER = 64 << 10;

    @Override
    public String name() {
        return "TensorBoard event file";
    }

    @Override
    public boolean isNamed(String fileName) {
        return EventFolders.isEventFile(fileName);
    }

    @Override
    public boolean recognises(String fileName, String opening) {
        return isNamed(fileName);
    }

    @Override
    public boolean isNamedAlike(String fileName) {
        return true;
    }

    @Override
    public RecordedEntries open(Source source) throws IOException {
        try {
            EventFile file = new EventFile(
                    source.file(), EventFolders.part(source.file()), source.content(), source.from(), source.growing());
            return new EventEntries(
                    List.of(file), source.growing(), source.from().stepwise());
        } catch (IOException | RuntimeException e) {
            source.content().close();
            throw e;
        }
    }

    /**
     * All event files of a run as one log.
     *
     * @param from where to go on, for files that have been read before
     * @param counted wraps each file's content
     */
    static RecordedEntries open(List<Path> paths, Map<Path, Mark> from, boolean growing, Counting counted)
            throws IOException {
        List<EventFile> files = new ArrayList<>();
        try {
            boolean stepwise = false;
            for (Path path : paths) {
                Mark mark = from.getOrDefault(path, Mark.START);
                stepwise |= mark.stepwise();
                InputStream content = counted.wrap(Files.newInputStream(path));
                files.add(new EventFile(
                        path, EventFolders.part(path), new BufferedInputStream(content, BUFFER), mark, growing));
            }
            return new EventEntries(files, growing, stepwise);
        } catch (IOException | RuntimeException e) {
            for (EventFile file : files) {
                file.close();
            }
            throw e;
        }
    }

    /** Sees what is read from a file. */
    @FunctionalInterface
    interface Counting {
        InputStream wrap(InputStream content);
    }
}

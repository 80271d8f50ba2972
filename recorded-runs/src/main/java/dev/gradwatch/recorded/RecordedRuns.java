package dev.gradwatch.recorded;

import dev.gradwatch.recorded.log.LogFile;
import dev.gradwatch.recorded.log.LogFormat;
import dev.gradwatch.recorded.log.ReadOptions;
import dev.gradwatch.recorded.log.RecordedRunException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipException;

/** Opens recorded runs of every known format; packed files ({@code gzip}) are recognised by their content. Stateless. */
public final class RecordedRuns {

    /** How much of a folder a message is about: enough to see that it is another folder than was meant. */
    private static final int FILES_TOLD = 5;

    private static final int MOST_COUNTED = 10_000;
    private static final int DEPTH_TOLD = 32;

    private RecordedRuns() {}

    /** As {@link #open(Path, ReadOptions)} with nothing said by the user. */
    public static RecordedRun open(Path place) throws RecordedRunException {
        return open(place, ReadOptions.DEFAULT);
    }

    /**
     * Opens a run and reads its header.
     *
     * @param place a file, or a folder with the files of one run
     * @throws RecordedRunException when it cannot be read, its format is unknown or its header is wrong
     */
    public static RecordedRun open(Path place, ReadOptions options) throws RecordedRunException {
        List<CountingInputStream> counted = new ArrayList<>();
        try {
            LogFormat format = Files.isDirectory(place) ? formatOfFolder(place) : formatOfFile(place, options);
            List<LogFile> files = new ArrayList<>();
            for (Path file : Files.isDirectory(place) ? format.filesIn(place) : List.of(place)) {
                files.add(LogFile.complete(file, content -> {
                    CountingInputStream counting = new CountingInputStream(content);
                    counted.add(counting);
                    return counting;
                }));
            }
            return new RecordedRun(
                    place,
                    idOf(place),
                    () -> counted.stream().mapToLong(CountingInputStream::count).sum(),
                    format.open(files, options));
        } catch (IOException e) {
            closeQuietly(counted);
            throw failed(place, 0, e);
        } catch (RecordedRunException | RuntimeException e) {
            closeQuietly(counted);
            throw e;
        }
    }

    /** What to tell of a file that could not be read. */
    public static RecordedRunException failed(Path file, long line, IOException cause) {
        RecordedRunException named = cause instanceof EOFException
                ? RecordedRunException.cutOff(file, line, "the packed file ends too early", null)
                : new RecordedRunException(file, line, reason(cause), null);
        named.initCause(cause);
        return named;
    }

    /**
     * The places of the recorded runs in a folder and below it, by path; other files are left alone.
     *
     * @see RunTree
     */
    public static List<Path> in(Path folder) throws IOException {
        return in(folder, ReadOptions.DEFAULT);
    }

    /** As {@link #in(Path)}, with what the user says of the logs. */
    public static List<Path> in(Path folder, ReadOptions options) throws IOException {
        return new RunTree(folder, file -> true, options)
                .find().stream().map(FoundRun::place).sorted().toList();
    }

    /** What to tell of a folder in which no run was found: what is there, and what was looked for. */
    public static String nothingIn(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> inside = Files.walk(folder, DEPTH_TOLD)) {
            inside.filter(Files::isRegularFile).limit(MOST_COUNTED).sorted().forEach(files::add);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        if (files.isEmpty()) {
            return "there are no files in this folder; logs are looked for in these formats: " + formatNames();
        }
        List<String> shown = new ArrayList<>();
        for (Path file : files.subList(0, Math.min(FILES_TOLD, files.size()))) {
            String missing = Formats.missing(file, LogFile.opening(file));
            shown.add(folder.relativize(file) + (missing == null ? "" : " (" + missing + ")"));
        }
        int more = files.size() - shown.size();
        return (files.size() == MOST_COUNTED ? "more than " : "") + files.size()
                + (files.size() == 1 ? " file" : " files")
                + ", none of a known format: " + String.join(", ", shown) + (more > 0 ? " and " + more + " more" : "")
                + ". Known are: " + formatNames();
    }

    /** What has to be read of a run, in bytes. */
    public static long size(Path place) throws IOException {
        LogFormat several = Files.isDirectory(place) ? severalIn(place) : null;
        long size = 0;
        for (Path file : several == null ? List.of(place) : several.filesIn(place)) {
            size += Files.size(file);
        }
        return size;
    }

    /** The names of the known formats, for messages. */
    public static String formatNames() {
        return Formats.names();
    }

    /** What a run is called that does not say so itself. */
    static String idOf(Path place) {
        return Files.isDirectory(place) ? RunIds.ofFolder(place) : RunIds.ofFile(place, Formats.isGenericName(place));
    }

    private static LogFormat formatOfFile(Path file, ReadOptions options) throws IOException, RecordedRunException {
        String opening = LogFile.opening(file);
        if (opening.isBlank()) {
            throw new RecordedRunException(file, 0, "the file is empty", null);
        }
        LogFormat format = Formats.of(file, opening, options);
        if (format == null) {
            String missing = Formats.missing(file, opening);
            throw new RecordedRunException(
                    file,
                    missing == null ? 1 : 0,
                    "not a recorded run of a known format"
                            + (missing == null ? " (" + formatNames() + ")" : ": " + missing),
                    missing == null ? opening.lines().findFirst().orElse("") : null);
        }
        return format;
    }

    private static LogFormat formatOfFolder(Path folder) throws IOException, RecordedRunException {
        LogFormat format = severalIn(folder);
        if (format == null) {
            throw new RecordedRunException(folder, 0, "is a folder without " + Formats.namesOfSeveral() + "s", null);
        }
        return format;
    }

    private static LogFormat severalIn(Path folder) throws IOException {
        for (LogFormat format : Formats.byPromptness()) {
            if (!format.filesIn(folder).isEmpty()) {
                return format;
            }
        }
        return null;
    }

    private static String reason(IOException cause) {
        if (cause instanceof NoSuchFileException) {
            return "no such file";
        }
        if (cause instanceof AccessDeniedException) {
            return "may not be read";
        }
        return (cause instanceof ZipException ? "the packed file is damaged: " : "reading failed: ")
                + (cause.getMessage() == null ? "unknown reason" : cause.getMessage());
    }

    private static void closeQuietly(List<CountingInputStream> streams) {
        for (InputStream stream : streams) {
            try {
                stream.close();
            } catch (IOException e) {
                // The failure that led here says more.
            }
        }
    }
}

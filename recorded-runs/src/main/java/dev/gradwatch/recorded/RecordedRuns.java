package dev.gradwatch.recorded;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Opens recorded runs of every known format; packed files ({@code gzip}) are recognised by their content. Stateless. */
public final class RecordedRuns {

    private static final int OPENING = 4096;
    private static final int BUFFER = 64 << 10;

    private RecordedRuns() {}

    /**
     * Opens a run and reads its header.
     *
     * @param place a file, or a folder with the event files of one run
     * @throws RecordedRunException when it cannot be read, its format is unknown or its header is wrong
     */
    public static RecordedRun open(Path place) throws RecordedRunException {
        if (Files.isDirectory(place)) {
            return openFolder(place);
        }
        CountingInputStream counted = null;
        try {
            counted = new CountingInputStream(Files.newInputStream(place));
            InputStream content = unpacked(counted);
            RecordedFormat format = formatOf(place, opening(content));
            Source source = new Source(place, content, () -> unpacked(Files.newInputStream(place)), Mark.START, false);
            return new RecordedRun(place, idOf(place), counted::count, format.open(source));
        } catch (IOException e) {
            closeQuietly(counted);
            throw failed(place, 0, e);
        } catch (RecordedRunException | RuntimeException e) {
            closeQuietly(counted);
            throw e;
        }
    }

    static RecordedRunException failed(Path file, long line, IOException cause) {
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
        return new RunTree(folder, file -> true)
                .find().stream().map(FoundRun::place).sorted().toList();
    }

    /** What has to be read of a run, in bytes. */
    public static long size(Path place) throws IOException {
        long size = 0;
        for (Path file : Files.isDirectory(place) ? EventFolders.filesOf(place) : List.of(place)) {
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
        return Files.isDirectory(place) ? RunIds.ofFolder(place) : RunIds.ofFile(place, isNamedAlike(place));
    }

    static boolean isNamedAlike(Path file) {
        return Formats.isNamedAlike(Formats.plainName(String.valueOf(file.getFileName())));
    }

    /** Whether the file looks like a recorded run. */
    static boolean isRecognised(Path file) {
        try (InputStream content = unpacked(Files.newInputStream(file))) {
            return Formats.of(Formats.plainName(String.valueOf(file.getFileName())), opening(content)) != null;
        } catch (IOException e) {
            // Whoever is asked for this file by name says why; among others it is passed over.
            return false;
        }
    }

    static RecordedFormat formatOf(Path file, String opening) throws RecordedRunException {
        if (opening.isBlank()) {
            throw new RecordedRunException(file, 0, "the file is empty", null);
        }
        RecordedFormat format = Formats.of(Formats.plainName(String.valueOf(file.getFileName())), opening);
        if (format == null) {
            throw new RecordedRunException(
                    file,
                    1,
                    "not a recorded run of a known format (" + formatNames() + ")",
                    opening.lines().findFirst().orElse(""));
        }
        return format;
    }

    static InputStream unpacked(InputStream file) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(file, BUFFER);
        buffered.mark(2);
        boolean packed = buffered.read() == 0x1f && buffered.read() == 0x8b;
        buffered.reset();
        return packed ? new BufferedInputStream(new GZIPInputStream(buffered, BUFFER), BUFFER) : buffered;
    }

    static String opening(InputStream content) throws IOException {
        content.mark(OPENING);
        byte[] bytes = content.readNBytes(OPENING);
        content.reset();
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private static RecordedRun openFolder(Path folder) throws RecordedRunException {
        List<CountingInputStream> counted = new ArrayList<>();
        try {
            List<Path> files = EventFolders.filesOf(folder);
            if (files.isEmpty()) {
                throw new RecordedRunException(folder, 0, "is a folder without TensorBoard event files", null);
            }
            RecordedEntries entries = EventFileFormat.open(files, Map.of(), false, content -> {
                CountingInputStream counting = new CountingInputStream(content);
                counted.add(counting);
                return counting;
            });
            return new RecordedRun(
                    folder,
                    idOf(folder),
                    () -> counted.stream().mapToLong(CountingInputStream::count).sum(),
                    entries);
        } catch (IOException e) {
            throw failed(folder, 0, e);
        }
    }

    private static String reason(IOException cause) {
        if (cause instanceof NoSuchFileException) {
            return "no such file";
        }
        if (cause instanceof AccessDeniedException) {
            return "may not be read";
        }
        return (cause instanceof ZipException ? "the packed file is damaged: " : "reading failed: ")
                + cause.getMessage();
    }

    private static void closeQuietly(CountingInputStream stream) {
        try {
            if (stream != null) {
                stream.close();
            }
        } catch (IOException e) {
            // The failure that led here says more.
        }
    }
}

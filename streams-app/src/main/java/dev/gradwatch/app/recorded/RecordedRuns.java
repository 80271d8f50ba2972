package dev.gradwatch.app.recorded;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** Opens recorded runs of every known format; packed files ({@code gzip}) are recognised by their content. Stateless. */
public final class RecordedRuns {

    /** The first that recognises a file reads it. */
    private static final List<RecordedFormat> FORMATS = List.of(new JsonLinesFormat());

    private static final int OPENING = 4096;
    private static final int BUFFER = 64 << 10;
    private static final String PACKED = ".gz";

    private RecordedRuns() {}

    /**
     * Opens a file and reads its header.
     *
     * @throws RecordedRunException when it cannot be read, its format is unknown or its header is wrong
     */
    public static RecordedRun open(Path file) throws RecordedRunException {
        if (Files.isDirectory(file)) {
            throw new RecordedRunException(file, 0, "is a folder, not a file", null);
        }
        CountingInputStream counted = null;
        try {
            counted = new CountingInputStream(Files.newInputStream(file));
            InputStream content = unpacked(counted);
            String name = plainName(file);
            RecordedFormat format = formatOf(file, name, opening(content));
            return new RecordedRun(file, runIdOf(name), counted, format.open(file, content));
        } catch (IOException e) {
            closeQuietly(counted);
            throw failed(file, 0, e);
        } catch (RecordedRunException | RuntimeException e) {
            closeQuietly(counted);
            throw e;
        }
    }

    static RecordedRunException failed(Path file, long line, IOException cause) {
        String reason = cause instanceof NoSuchFileException
                ? "no such file"
                : cause instanceof AccessDeniedException
                        ? "may not be read"
                        : cause instanceof EOFException
                                ? "the packed file ends too early"
                                : "reading failed: " + cause.getMessage();
        RecordedRunException named = new RecordedRunException(file, line, reason, null);
        named.initCause(cause);
        return named;
    }

    /** The recorded runs directly in a folder, by name; other files in it are left alone. */
    public static List<Path> in(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> FORMATS.stream().anyMatch(format -> format.isNamed(plainName(file))))
                    .sorted()
                    .toList();
        }
    }

    /** The names of the known formats, for messages. */
    public static String formatNames() {
        return FORMATS.stream().map(RecordedFormat::name).collect(Collectors.joining(", "));
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

    private static RecordedFormat formatOf(Path file, String name, String opening) throws RecordedRunException {
        if (opening.isBlank()) {
            throw new RecordedRunException(file, 0, "the file is empty", null);
        }
        for (RecordedFormat format : FORMATS) {
            if (format.recognises(name, opening)) {
                return format;
            }
        }
        throw new RecordedRunException(
                file,
                1,
                "not a recorded run of a known format (" + formatNames() + ")",
                opening.lines().findFirst().orElse(""));
    }

    private static InputStream unpacked(InputStream file) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(file, BUFFER);
        buffered.mark(2);
        boolean packed = buffered.read() == 0x1f && buffered.read() == 0x8b;
        buffered.reset();
        return packed ? new BufferedInputStream(new GZIPInputStream(buffered, BUFFER), BUFFER) : buffered;
    }

    private static String opening(InputStream content) throws IOException {
        content.mark(OPENING);
        byte[] bytes = content.readNBytes(OPENING);
        content.reset();
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private static String plainName(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.toLowerCase(Locale.ROOT).endsWith(PACKED)
                ? name.substring(0, name.length() - PACKED.length())
                : name;
    }

    /** The file's name without its ending, cut to what a run id may be. */
    private static String runIdOf(String fileName) {
        int dot = fileName.lastIndexOf('.');
        String stem = dot > 0 ? fileName.substring(0, dot) : fileName;
        return stem.length() <= 256 ? stem : stem.substring(0, 256);
    }
}

package dev.gradwatch.recorded.log;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPInputStream;

/**
 * A file to read: from where, and whether its writer may still be at it. Files packed with gzip are recognised by their content.
 *
 * @param content unpacked, from the beginning; closed by whoever opens the format
 * @param again opens the content once more, for formats that say at their end what is needed at the beginning
 * @param from where to go on reading; the header is read in any case
 * @param growing whether more may follow: then what is not yet whole is left for later instead of being an error
 */
public record LogFile(Path file, InputStream content, Reopening again, LogPosition from, boolean growing) {

    /** How much of a file is looked at to tell its format, in bytes: job output begins with pages of settings. */
    public static final int OPENING = 256 << 10;

    private static final int BUFFER = 64 << 10;
    private static final String PACKED = ".gz";

    /** Opens the content of a file from its beginning. */
    @FunctionalInterface
    public interface Reopening {
        InputStream open() throws IOException;
    }

    /** A file that is complete; {@code counted} sees the bytes that are read. */
    public static LogFile complete(Path file, UnaryOperator<InputStream> counted) throws IOException {
        InputStream content = unpacked(counted.apply(Files.newInputStream(file)));
        return new LogFile(file, content, () -> unpacked(Files.newInputStream(file)), LogPosition.START, false);
    }

    /** A file that may still grow; never a packed one. */
    public static LogFile growing(Path file, LogPosition from) throws IOException {
        return new LogFile(file, stream(file), () -> stream(file), from, true);
    }

    /** The only file of a run whose format has one. */
    public static LogFile only(List<LogFile> files) {
        return files.get(0);
    }

    /** The first characters of a file's unpacked content. */
    public static String opening(Path file) throws IOException {
        try (InputStream content = unpacked(Files.newInputStream(file))) {
            String text = new String(content.readNBytes(OPENING), StandardCharsets.UTF_8);
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        }
    }

    /** Whether a file is called as packed ones are. */
    public static boolean isPacked(Path file) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(PACKED);
    }

    /** The path without the ending of a packed file. */
    public static Path plain(Path file) {
        String name = String.valueOf(file.getFileName());
        return isPacked(file) ? file.resolveSibling(name.substring(0, name.length() - PACKED.length())) : file;
    }

    /** The file's name, for telling formats apart. */
    public static String lowerName(Path file) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    }

    private static InputStream stream(Path file) throws IOException {
        return new BufferedInputStream(Files.newInputStream(file), BUFFER);
    }

    private static InputStream unpacked(InputStream file) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(file, BUFFER);
        try {
            buffered.mark(2);
            boolean packed = buffered.read() == 0x1f && buffered.read() == 0x8b;
            buffered.reset();
            return packed ? new BufferedInputStream(new GZIPInputStream(buffered, BUFFER), BUFFER) : buffered;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }
}

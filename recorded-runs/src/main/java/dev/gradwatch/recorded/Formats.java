package dev.gradwatch.recorded;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The known formats, and how a file's is found. */
final class Formats {

    /** The first that recognises a file reads it. */
    private static final List<RecordedFormat> ALL =
            List.of(new EventFileFormat(), new TrainerStateFormat(), new JsonLinesFormat(), new CsvFormat());

    private static final String PACKED = ".gz";

    private Formats() {}

    /**
     * The format of a file, or {@code null} when none fits.
     *
     * @param opening the first characters of its content
     */
    static RecordedFormat of(String fileName, String opening) {
        return ALL.stream()
                .filter(format -> format.recognises(fileName, opening))
                .findFirst()
                .orElse(null);
    }

    /** Whether files of this name are looked for in folders. */
    static boolean isNamed(String fileName) {
        return ALL.stream().anyMatch(format -> format.isNamed(fileName));
    }

    /** Whether files of this name say nothing of their run. */
    static boolean isNamedAlike(String fileName) {
        return ALL.stream().anyMatch(format -> format.isNamed(fileName) && format.isNamedAlike(fileName));
    }

    static String names() {
        return ALL.stream().map(RecordedFormat::name).collect(Collectors.joining(", "));
    }

    /** Without the ending of a packed file. */
    static String plainName(String fileName) {
        return isPacked(fileName) ? fileName.substring(0, fileName.length() - PACKED.length()) : fileName;
    }

    static boolean isPacked(String fileName) {
        return fileName.toLowerCase(Locale.ROOT).endsWith(PACKED);
    }
}

package dev.gradwatch.recorded;

import dev.gradwatch.recorded.log.LogFile;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What a run is called that does not name itself: by its file, or by its folder where all files are called the same. */
final class RunIds {

    private static final int LONGEST = 256;

    /** Folders such as {@code version_0} and {@code 3}, of which every experiment has one. */
    private static final Pattern COUNTING = Pattern.compile("(?:version|fold|run|trial|seed|checkpoint)?[_-]?\\d+");

    private RunIds() {}

    static String ofFile(Path file, boolean genericName) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        if (genericName && folder != null && folder.getFileName() != null) {
            boolean checkpoint = folder.getFileName().toString().startsWith("checkpoint-");
            return ofFolder(checkpoint && folder.getParent() != null ? folder.getParent() : folder);
        }
        return cut(stem(String.valueOf(LogFile.plain(file).getFileName())));
    }

    static String ofFolder(Path folder) {
        Path absolute = folder.toAbsolutePath().normalize();
        String name = String.valueOf(absolute.getFileName());
        Path above = absolute.getParent();
        boolean counts = COUNTING.matcher(name).matches();
        return cut(counts && above != null && above.getFileName() != null ? above.getFileName() + "/" + name : name);
    }

    static String stem(String fileName) {
        int dot = fileName.lastIndexOf('.');
        return dot > 0 ? fileName.substring(0, dot) : fileName;
    }

    /** To what a run id may be; of a long path the end tells more. */
    static String cut(String id) {
        String cut = id.length() <= LONGEST ? id : id.substring(id.length() - LONGEST);
        return cut.isBlank() ? "run" : cut;
    }
}

package dev.gradwatch.recorded.huggingface;

import dev.gradwatch.recorded.log.LogFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which {@code trainer_state.json} of a training counts: every checkpoint has one, with all that was logged until then. */
final class TrainerStates {

    private static final String NAME = "trainer_state.json";
    private static final Pattern STEP = Pattern.compile("\"global_step\"\\s*:\\s*(\\d{1,18})");
    private static final int OPENING = 4096;

    /** Copying a folder turns times around; so much apart they mean something. */
    private static final long SAME_MILLIS = 60_000;

    private TrainerStates() {}

    static boolean isNamed(Path file) {
        return LogFile.lowerName(file).equals(NAME);
    }

    static Path runFolder(Path folder, Path root) {
        boolean checkpoint = String.valueOf(folder.getFileName()).startsWith("checkpoint-") && !folder.equals(root);
        return checkpoint ? folder.getParent() : folder;
    }

    /**
     * The one to read. The last one written is that of the run as it is now, also where it was set back to an earlier checkpoint; of those
     * written together the one that has come farthest.
     */
    static Path newest(List<Path> states) {
        long last =
                states.stream().mapToLong(TrainerStates::writtenMillis).max().orElse(0);
        return states.stream()
                .filter(state -> writtenMillis(state) >= last - SAME_MILLIS)
                .max(Comparator.comparingLong(TrainerStates::step)
                        .thenComparing(
                                Comparator.comparingInt(Path::getNameCount).reversed()))
                .orElse(states.get(0));
    }

    private static long writtenMillis(Path state) {
        try {
            return Files.getLastModifiedTime(state).toMillis();
        } catch (IOException e) {
            return FileTime.fromMillis(0).toMillis();
        }
    }

    private static long step(Path state) {
        try (InputStream in = Files.newInputStream(state)) {
            Matcher found = STEP.matcher(new String(in.readNBytes(OPENING), StandardCharsets.UTF_8));
            return found.find() ? Long.parseLong(found.group(1)) : -1;
        } catch (IOException e) {
            return -1;
        }
    }
}

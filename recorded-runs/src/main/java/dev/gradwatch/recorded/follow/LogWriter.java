package dev.gradwatch.recorded.follow;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The process that has a run's log open for writing, where the system tells: its end is the run's. Known on Linux, for processes that this
 * one may look at; programs that open their log for every line have none. Not thread-safe.
 */
final class LogWriter {

    private static final Path PROCESSES = Path.of("/proc");

    /** A search looks at every open file of every process, some 50 ms on a busy machine. */
    private static final long BETWEEN_SEARCHES_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** A log that nobody holds open at so many looks is opened for every line. */
    private static final int MOST_SEARCHES = 6;

    private ProcessHandle process;
    private long searchedNanos = System.nanoTime() - BETWEEN_SEARCHES_NANOS;
    private int searches;

    /** Looks for the writer of files that have just changed, unless it is known or was looked for a moment ago. */
    void search(Collection<Path> files) {
        long now = System.nanoTime();
        boolean known = process != null && process.isAlive();
        if (known || searches >= MOST_SEARCHES || now - searchedNanos < BETWEEN_SEARCHES_NANOS) {
            return;
        }
        searchedNanos = now;
        searches++;
        find(files).ifPresent(found -> {
            process = found;
            searches = 0;
        });
    }

    /** Whether the writer is known and has ended. */
    boolean hasEnded() {
        return process != null && !process.isAlive();
    }

    private static Optional<ProcessHandle> find(Collection<Path> files) {
        Set<Path> wanted = new HashSet<>();
        for (Path file : files) {
            try {
                wanted.add(file.toRealPath());
            } catch (IOException e) {
                // Gone since it was found.
            }
        }
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
            for (Path process : processes) {
                if (writes(process, wanted)) {
                    return ProcessHandle.of(Long.parseLong(process.getFileName().toString()));
                }
            }
        } catch (IOException e) {
            // Not a system that tells.
        }
        return Optional.empty();
    }

    private static boolean writes(Path process, Set<Path> wanted) {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : open) {
                if (wanted.contains(Files.readSymbolicLink(descriptor)) && isForWriting(process, descriptor)) {
                    return true;
                }
            }
        } catch (IOException | SecurityException e) {
            // It ended meanwhile, or belongs to somebody else.
        }
        return false;
    }

    /** The access mode is in the last octal digit of the flags: 1 or 2 for writing. */
    private static boolean isForWriting(Path process, Path descriptor) throws IOException {
        for (String line : Files.readAllLines(process.resolve("fdinfo").resolve(descriptor.getFileName()))) {
            if (line.startsWith("flags:")) {
                char mode = line.charAt(line.length() - 1);
                return mode == '1' || mode == '2';
            }
        }
        return false;
    }
}

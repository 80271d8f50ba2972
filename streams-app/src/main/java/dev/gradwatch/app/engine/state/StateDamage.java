package dev.gradwatch.app.engine.state;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds damage to the files of one task's store, and moves them aside so that the state is restored from the changelog. Checksums of all files
 * are written when the store is closed in good order and held against the files when it is opened: RocksDB itself notices a damaged block when it
 * is read, ends a scan there without a word, and takes a lost manifest for an empty store. Owned by one task's thread.
 */
public final class StateDamage {

    private static final Logger LOG = LoggerFactory.getLogger(StateDamage.class);
    /** Beside the tasks' folders, of which Kafka Streams deletes what is left of a damaged one. */
    private static final String ASIDE = "damaged";

    private final String task;
    private final Path store;
    private final Path sums;
    private final Path aside;

    /** @param taskFolder where Kafka Streams keeps the task's stores */
    public StateDamage(String task, Path taskFolder, String storeName) {
        this.task = task;
        this.store = taskFolder.resolve("rocksdb").resolve(storeName);
        this.sums = taskFolder.resolve("rocksdb").resolve(storeName + ".sums");
        this.aside = taskFolder.resolveSibling(ASIDE).resolve(task);
    }

    /** What is wrong with the files, or {@code null}. A store that was not closed in good order has no checksums, and is restored anyway. */
    public String find() {
        if (!Files.exists(sums)) {
            return null;
        }
        try {
            String expected = Files.readString(sums);
            // Used once: from now on the store is changed.
            Files.delete(sums);
            String actual = Files.isDirectory(store) ? checksums() : "";
            return expected.equals(actual) ? null : firstDifference(expected, actual);
        } catch (IOException e) {
            return "its files cannot be read: " + e.getMessage();
        }
    }

    /** Writes the checksums of a store that is closed. */
    public void seal() {
        if (!Files.isDirectory(store)) {
            return;
        }
        try {
            Files.writeString(sums, checksums());
        } catch (IOException e) {
            LOG.warn("No checksums of the state of task {} can be written: {}", task, e.getMessage());
        }
    }

    /** Moves the store's files to where somebody can look at them; of each task only the latest are kept. */
    public void moveAside(String reason) {
        try {
            Files.deleteIfExists(sums);
            if (Files.isDirectory(store)) {
                deleteFolder(aside);
                Files.createDirectories(aside.getParent());
                Files.move(store, aside, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the damaged state in " + store + " cannot be moved to " + aside + ": " + e.getMessage(), e);
        }
        LOG.error(
                "The state of task {} is damaged ({}). Its files are now in {}, and it is restored from the changelog;"
                        + " no alert is lost or repeated. Look after the disk.",
                task,
                reason,
                aside);
    }

    /** Whether an exception says that files are damaged, and not that a disk is full or a file is locked. */
    public static boolean isDamage(Throwable exception) {
        Throwable at = exception;
        for (int depth = 0; at != null && depth < 20; depth++) {
            if (at instanceof RocksDBException failure) {
                String message = String.valueOf(failure.getMessage());
                Status.Code code =
                        failure.getStatus() == null ? null : failure.getStatus().getCode();
                return code == Status.Code.Corruption
                        || code == Status.Code.InvalidArgument
                        || code == Status.Code.NotFound
                        || message.contains("Corruption")
                        || message.contains("No such file");
            }
            at = at.getCause();
        }
        return false;
    }

    private static String firstDifference(String expected, String actual) {
        TreeMap<String, String> before = new TreeMap<>();
        expected.lines().forEach(line -> before.put(line.substring(0, line.indexOf(' ')), line));
        TreeMap<String, String> now = new TreeMap<>();
        actual.lines().forEach(line -> now.put(line.substring(0, line.indexOf(' ')), line));
        for (String file : before.keySet()) {
            if (!now.containsKey(file)) {
                return file + " is missing";
            }
            if (!now.get(file).equals(before.get(file))) {
                return file + " is not as it was written";
            }
        }
        now.keySet().removeAll(before.keySet());
        return now.firstKey() + " was added";
    }

    /** A line for each file that holds state: name, length, checksum. */
    private String checksums() throws IOException {
        TreeMap<String, String> lines = new TreeMap<>();
        try (Stream<Path> files = Files.list(store)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = file.getFileName().toString();
                if (Files.isRegularFile(file) && holdsState(name)) {
                    lines.put(name, name + " " + Files.size(file) + " " + checksum(file) + "\n");
                }
            }
        }
        return String.join("", lines.values());
    }

    private static boolean holdsState(String file) {
        return file.endsWith(".sst")
                || file.endsWith(".log")
                || file.endsWith(".blob")
                || file.startsWith("MANIFEST-")
                || file.equals("CURRENT");
    }

    private static String checksum(Path file) throws IOException {
        CRC32C sum = new CRC32C();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                sum.update(buffer, 0, read);
            }
        }
        return Long.toHexString(sum.getValue());
    }

    private static void deleteFolder(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}

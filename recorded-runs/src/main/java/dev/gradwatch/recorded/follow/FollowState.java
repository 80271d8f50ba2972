package dev.gradwatch.recorded.follow;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How far every followed run was published, in one file that is replaced as a whole. One process at a time: a lock beside the file keeps a
 * second one out.
 */
public final class FollowState implements AutoCloseable {

    private static final int VERSION = 1;
    private static final long FORGET_AFTER_MILLIS = 7L * 24 * 3600 * 1000;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
            .build();

    private record Stored(int version, Map<String, StoredRun> runs) {}

    private record StoredRun(long seenMillis, TailPosition run) {}

    private final Path file;
    private final FileChannel lockChannel;
    private final Map<String, StoredRun> runs;
    private boolean changed;

    private FollowState(Path file, FileChannel lockChannel, Map<String, StoredRun> runs) {
        this.file = file;
        this.lockChannel = lockChannel;
        this.runs = runs;
    }

    /**
     * Takes the file for this process.
     *
     * @throws IllegalStateException when another process has it, or it cannot be read
     */
    public static FollowState open(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            FileChannel channel = FileChannel.open(
                    file.resolveSibling(file.getFileName() + ".lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            try {
                lock(channel, file);
                return new FollowState(file, channel, new LinkedHashMap<>(load(file)));
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new IllegalStateException("the state in " + file + " cannot be read or written", e);
        }
    }

    /** What was kept of a run, {@link TailPosition#NEW} of one never seen. */
    public TailPosition get(String key) {
        StoredRun stored = runs.get(key);
        return stored == null ? TailPosition.NEW : stored.run();
    }

    void put(String key, TailPosition run, long nowMillis) {
        runs.put(key, new StoredRun(nowMillis, run));
        changed = true;
    }

    /** Writes what changed; the old file stays until the new one is complete. */
    void save(long nowMillis) throws IOException {
        if (!changed) {
            return;
        }
        runs.values().removeIf(run -> run.seenMillis() < nowMillis - FORGET_AFTER_MILLIS);
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel out = FileChannel.open(
                beside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(new Stored(VERSION, runs)));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        changed = false;
    }

    @Override
    public void close() throws IOException {
        lockChannel.close();
    }

    private static void lock(FileChannel channel, Path file) throws IOException {
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new IllegalStateException(
                    "another process follows these paths (" + file + ".lock is taken); stop it, or give --state FILE");
        }
    }

    private static Map<String, StoredRun> load(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Map.of();
        }
        try {
            Stored stored = JSON.readValue(Files.readAllBytes(file), Stored.class);
            if (stored.version() != VERSION) {
                throw new IllegalStateException(
                        file + " has version " + stored.version() + ", not " + VERSION + "; delete it to begin anew");
            }
            return stored.runs();
        } catch (JacksonException e) {
            throw new IllegalStateException(
                    file + " is damaged; delete it to begin anew (what was published comes again and is ignored)", e);
        }
    }
}

package dev.gradwatch.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The one JSON file of a registry. A write goes to a neighbour file, to the disk, and then replaces the file in one
 * step: after a crash there is the old state or the new one and never a half. Locked against a second registry, because
 * two writers would give one id to two schemas.
 */
final class RegistryFile implements AutoCloseable {

    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final int FORMAT = 1;

    /** What stands in the file. */
    private record Document(int format, RegistryState registry) {}

    private final Path file;
    private final ExclusiveLock lock;

    private RegistryFile(Path file, ExclusiveLock lock) {
        this.file = file;
        this.lock = lock;
    }

    static RegistryFile open(Path path) throws IOException {
        Path file = path.toAbsolutePath().normalize();
        Files.createDirectories(file.getParent());
        return new RegistryFile(file, ExclusiveLock.take(neighbour(file, ".lock"), file));
    }

    RegistryState read() throws IOException {
        if (!Files.exists(file)) {
            return RegistryState.empty();
        }
        Document document;
        try {
            document = JSON.readValue(Files.readAllBytes(file), Document.class);
        } catch (JsonProcessingException e) {
            throw new IOException(
                    "the file is damaged (" + e.getOriginalMessage()
                            + "); restore it, because records in Kafka name its" + " schema ids",
                    e);
        }
        if (document.format() != FORMAT || document.registry() == null) {
            throw new IOException("the file has format " + document.format() + ", this version reads " + FORMAT);
        }
        return document.registry();
    }

    void write(RegistryState state) throws IOException {
        Path temporary = neighbour(file, ".new");
        ByteBuffer bytes =
                ByteBuffer.wrap(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(new Document(FORMAT, state)));
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceFolder();
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    /** Without this the rename itself may be lost with the power. Windows cannot open folders and does not need it. */
    private void forceFolder() throws IOException {
        if (File.separatorChar == '/') {
            try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
                folder.force(true);
            }
        }
    }

    private static Path neighbour(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }
}

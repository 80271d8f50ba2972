package dev.gradwatch.recorded.follow;

import dev.gradwatch.recorded.log.LogPosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.zip.CRC32C;

/**
 * What the file system says of a file.
 *
 * @param key see {@link FilePosition#key()}
 */
record FileStatus(long size, long modifiedMillis, String key) {

    private static final int HEAD = 512;
    private static final int TAIL = 64;

    /** {@code null} when there is no such file. */
    static FileStatus of(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            Object key = attributes.fileKey();
            return attributes.isRegularFile()
                    ? new FileStatus(
                            attributes.size(),
                            attributes.lastModifiedTime().toMillis(),
                            key == null ? null : key.toString())
                    : null;
        } catch (IOException e) {
            // Went away since it was found.
            return null;
        }
    }

    /** A file that was read up to a mark, so that it is known again. */
    FilePosition kept(Path file, LogPosition mark) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return new FilePosition(mark, key, head(channel, mark), tail(channel, mark));
        }
    }

    /** Whether the file still begins with what was read of it. */
    boolean continues(Path file, FilePosition kept) throws IOException {
        if (size < kept.mark().offset()) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file)) {
            return head(channel, kept.mark()) == kept.head() && tail(channel, kept.mark()) == kept.tail();
        }
    }

    private static long head(FileChannel channel, LogPosition mark) throws IOException {
        return checksum(channel, 0, (int) Math.min(HEAD, mark.offset()));
    }

    private static long tail(FileChannel channel, LogPosition mark) throws IOException {
        int length = (int) Math.min(TAIL, mark.offset());
        return checksum(channel, mark.offset() - length, length);
    }

    private static long checksum(FileChannel channel, long from, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, from + bytes.position()) < 0) {
                break;
            }
        }
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.flip());
        return checksum.getValue();
    }
}

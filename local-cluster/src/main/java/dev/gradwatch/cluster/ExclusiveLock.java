package dev.gradwatch.cluster;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second user away from something on disk, in this process or another, until it is closed. The operating system
 * takes it back when the process dies, so nobody has to clean up after a crash.
 */
final class ExclusiveLock implements AutoCloseable {

    private final FileChannel channel;

    private ExclusiveLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock or fails at once.
     *
     * @param what what is locked, for the message
     */
    static ExclusiveLock take(Path lockFile, Path what) throws IOException {
        FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() == null) {
                throw new IOException("another process uses " + what + ", stop it first");
            }
            return new ExclusiveLock(channel);
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IOException("this process uses " + what + " already, close its other user first", e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

package dev.gradwatch.sandbox;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The folder in which a sandbox keeps everything between starts, held by one sandbox at a time. Deletes nothing but what a sandbox made.
 */
final class SandboxFolder implements AutoCloseable {

    private static final String LOCK = "sandbox.lock";
    private static final String MEMORY = "sandbox.properties";
    private static final String NEXT_RUN = "next-run";
    private static final List<String> KEPT =
            List.of("broker", "registry.json", "state", "sandbox.log", "gradwatch.properties", "examples", MEMORY);

    private final Path folder;
    private final FileChannel lock;

    private SandboxFolder(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /**
     * Takes the folder, which is created when it is missing.
     *
     * @param fresh whether what an earlier sandbox left there goes first
     * @throws SandboxException when another sandbox uses it, or it belongs to something else
     */
    static SandboxFolder open(Path place, boolean fresh) {
        Path folder = place.toAbsolutePath().normalize();
        try {
            refuseForeign(folder);
            Files.createDirectories(folder);
            SandboxFolder taken = new SandboxFolder(folder, lock(folder));
            if (fresh) {
                taken.deleteKept();
            }
            return taken;
        } catch (IOException e) {
            throw new SandboxException(
                    "The folder " + folder + " cannot be used: " + e + ". Choose another with --data.", e);
        }
    }

    Path path() {
        return folder;
    }

    Path broker() {
        return folder.resolve("broker");
    }

    Path registry() {
        return folder.resolve("registry.json");
    }

    Path state() {
        return folder.resolve("state");
    }

    Path log() {
        return folder.resolve("sandbox.log");
    }

    /** What the examples print. */
    Path examples() {
        return folder.resolve("examples");
    }

    /** Configuration with which every other command finds this sandbox. */
    Path configuration() {
        return folder.resolve("gradwatch.properties");
    }

    void writeConfiguration(Map<String, String> values) {
        StringBuilder text = new StringBuilder(
                "# Written by the sandbox at every start: pass it to other commands with --config.\n");
        values.forEach((key, value) ->
                text.append(key).append('=').append(value.replace("\\", "\\\\")).append('\n'));
        try {
            Files.writeString(configuration(), text);
        } catch (IOException e) {
            throw new SandboxException("The file " + configuration() + " cannot be written: " + e, e);
        }
    }

    /** Number of the next run, so that no run id is ever used twice. */
    long nextRun() {
        return Long.parseLong(memory().getProperty(NEXT_RUN, "0"));
    }

    void rememberNextRun(long number) {
        remember(NEXT_RUN, Long.toString(number));
    }

    /** The port that this service of the sandbox had last, else the usual one; any free one when that is taken. */
    int port(String service, int usual) {
        int wanted = Integer.parseInt(memory().getProperty(service + "-port", Integer.toString(usual)));
        int port = isFree(wanted) ? wanted : anyFree();
        remember(service + "-port", Integer.toString(port));
        return port;
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException("The lock on " + folder + " cannot be given back", e);
        }
    }

    private static void refuseForeign(Path folder) throws IOException {
        if (!Files.exists(folder) || Files.exists(folder.resolve(LOCK))) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            if (files.findAny().isPresent()) {
                throw new SandboxException(
                        "The folder " + folder + " has files that no sandbox made. Choose another with --data.");
            }
        }
    }

    private static FileChannel lock(Path folder) throws IOException {
        FileChannel channel = FileChannel.open(
                folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                channel.truncate(0);
                channel.write(StandardCharsets.UTF_8.encode(
                        Long.toString(ProcessHandle.current().pid())));
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // The other sandbox runs in this very process.
        }
        String holder = holder(channel);
        channel.close();
        throw new SandboxException("Another sandbox (process " + holder + ") uses the folder " + folder
                + ". Stop it, or choose another folder with --data.");
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(32);
        channel.read(text, 0);
        String pid = StandardCharsets.UTF_8.decode(text.flip()).toString().strip();
        return pid.isEmpty() ? "unknown" : pid;
    }

    private void deleteKept() throws IOException {
        for (String name : KEPT) {
            Path kept = folder.resolve(name);
            if (!Files.exists(kept)) {
                continue;
            }
            List<Path> deepestFirst;
            try (Stream<Path> files = Files.walk(kept)) {
                deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        }
    }

    private Properties memory() {
        Properties memory = new Properties();
        if (Files.exists(folder.resolve(MEMORY))) {
            try (Reader reader = Files.newBufferedReader(folder.resolve(MEMORY))) {
                memory.load(reader);
            } catch (IOException e) {
                throw new UncheckedIOException("The file " + folder.resolve(MEMORY) + " cannot be read", e);
            }
        }
        return memory;
    }

    private void remember(String key, String value) {
        Properties memory = memory();
        memory.setProperty(key, value);
        try (Writer writer = Files.newBufferedWriter(folder.resolve(MEMORY))) {
            memory.store(writer, null);
        } catch (IOException e) {
            throw new UncheckedIOException("The file " + folder.resolve(MEMORY) + " cannot be written", e);
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static int anyFree() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new SandboxException("No free port on the loopback address: " + e, e);
        }
    }
}

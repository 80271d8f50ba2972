package dev.gradwatch.benchmarks.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that is killed and started again with the same command. Owned by one thread. */
final class ChildProcess implements AutoCloseable {

    private static final long STOP_SECONDS = 60;

    private final String name;
    private final List<String> command;
    private final Path log;
    private Process process;
    private boolean frozen;

    /** @param arguments main class and its arguments, for this process's own class path */
    ChildProcess(String name, Path folder, String heap, List<String> arguments) {
        this.name = name;
        this.log = folder.resolve(name + ".log");
        command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(arguments);
    }

    String name() {
        return name;
    }

    Path log() {
        return log;
    }

    void start() throws IOException {
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** Ends it as a power cut would: SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
        frozen = false;
    }

    /** Asks it to end: SIGTERM. */
    void terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(name + " did not end within " + STOP_SECONDS + " s of SIGTERM; see " + log);
        }
    }

    /** Takes the processor away from it: SIGSTOP. */
    void freeze() throws IOException, InterruptedException {
        signal("-STOP");
        frozen = true;
    }

    /** SIGCONT. */
    void thaw() throws IOException, InterruptedException {
        signal("-CONT");
        frozen = false;
    }

    private void signal(String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
    }

    @Override
    public void close() {
        if (process == null) {
            return;
        }
        try {
            if (frozen) {
                thaw();
            }
            kill();
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

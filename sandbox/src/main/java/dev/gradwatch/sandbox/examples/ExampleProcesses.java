package dev.gradwatch.sandbox.examples;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the examples, two at a time, each once, and what they print into a file each. None outlives this object. Thread-safe. */
public final class ExampleProcesses implements AutoCloseable {

    private static final int AT_A_TIME = 2;

    private static final Logger LOG = LoggerFactory.getLogger(ExampleProcesses.class);
    /** For the publisher to say that its run was cancelled. */
    private static final long LAST_WORDS_SECONDS = 5;

    /** What shells and the JDK call a process that Ctrl-C, or we, ended. */
    private static final Set<Integer> ENDED_FROM_OUTSIDE = Set.of(130, 143);

    private final Map<Example, Progress> progress = new LinkedHashMap<>();
    private final Function<Example, ProcessBuilder> commands;
    private final Path folder;
    private final Consumer<Failure> failures;
    private final Set<Process> running = new HashSet<>();
    private final ExecutorService threads;
    private boolean closed;

    /** How far an example is. */
    public enum Progress {
        WAITING,
        TRAINING,
        COMPLETED,
        FAILED,
        CUT_OFF
    }

    /**
     * An example that ended in its own fault.
     *
     * @param reason how, in a few words
     * @param lastLine that it printed; not to be trusted
     * @param output where everything is that it printed
     */
    public record Failure(Example example, String reason, String lastLine, Path output) {}

    /**
     * @param commands makes the process of an example
     * @param folder for what they print; is created
     * @param failures is told of each example that fails, on any thread
     */
    public ExampleProcesses(
            List<Example> examples,
            Function<Example, ProcessBuilder> commands,
            Path folder,
            Consumer<Failure> failures) {
        examples.forEach(example -> progress.put(example, Progress.WAITING));
        this.commands = commands;
        this.folder = folder;
        this.failures = failures;
        threads = Executors.newFixedThreadPool(AT_A_TIME, task -> {
            Thread thread = new Thread(task, "examples");
            thread.setDaemon(true);
            return thread;
        });
    }

    public void start() {
        List.copyOf(progress().keySet()).forEach(example -> threads.execute(() -> train(example)));
    }

    /** In the order in which they start. */
    public synchronized Map<Example, Progress> progress() {
        return new LinkedHashMap<>(progress);
    }

    public Path folder() {
        return folder;
    }

    /** Ends those that train, lets them say so, and starts no other. */
    @Override
    public void close() {
        List<Process> open;
        synchronized (this) {
            closed = true;
            open = List.copyOf(running);
        }
        threads.shutdown();
        // Children first: a wrapper around the interpreter would not pass the signal on.
        List<ProcessHandle> family = open.stream()
                .flatMap(process -> Stream.concat(process.descendants(), Stream.of(process.toHandle())))
                .toList();
        family.forEach(ProcessHandle::destroy);
        boolean interrupted = false;
        try {
            if (!threads.awaitTermination(LAST_WORDS_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("An example did not end within {} s of being told", LAST_WORDS_SECONDS);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        family.forEach(ProcessHandle::destroyForcibly);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void train(Example example) {
        Path output = folder.resolve(example.name() + ".log");
        try {
            Files.createDirectories(folder);
            Process process = launch(example, output);
            if (process == null) {
                return;
            }
            int exit = process.waitFor();
            if (ended(example, process, exit) == Progress.FAILED) {
                failures.accept(new Failure(example, "exit code " + exit, lastLine(output), output));
            }
        } catch (IOException e) {
            LOG.warn("The example {} could not be started", example.name(), e);
            synchronized (this) {
                progress.put(example, Progress.FAILED);
            }
            failures.accept(new Failure(example, "it could not be started", e.getMessage(), output));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns {@code null} when none is to be started any more. */
    private synchronized Process launch(Example example, Path output) throws IOException {
        if (closed) {
            return null;
        }
        Process process = commands.apply(example)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        running.add(process);
        progress.put(example, Progress.TRAINING);
        return process;
    }

    private synchronized Progress ended(Example example, Process process, int exit) {
        running.remove(process);
        Progress how = Progress.FAILED;
        if (exit == 0) {
            how = Progress.COMPLETED;
        } else if (closed || ENDED_FROM_OUTSIDE.contains(exit)) {
            how = Progress.CUT_OFF;
        }
        progress.put(example, how);
        return how;
    }

    private static String lastLine(Path output) throws IOException {
        String text = new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).reduce("", (first, second) -> second);
    }
}

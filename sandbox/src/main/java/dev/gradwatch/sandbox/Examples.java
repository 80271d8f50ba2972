package dev.gradwatch.sandbox;

import dev.gradwatch.sandbox.examples.Example;
import dev.gradwatch.sandbox.examples.ExampleFiles;
import dev.gradwatch.sandbox.examples.ExampleProcesses;
import dev.gradwatch.sandbox.examples.ExampleProcesses.Progress;
import dev.gradwatch.sandbox.examples.ExampleVerdicts;
import dev.gradwatch.sandbox.examples.NoExamplesException;
import dev.gradwatch.sandbox.examples.Python;
import dev.gradwatch.sandbox.examples.PythonSearch;
import dev.gradwatch.schemas.Alert;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The articles' examples beside the fleet: found, started, judged and ended. Where Python is missing it says so and does nothing. */
final class Examples implements AutoCloseable {

    private final long seed;
    private final ExamplesScreen screen;
    private final ExampleVerdicts verdicts = new ExampleVerdicts(Example.QUICK);
    private Optional<ExampleProcesses> processes = Optional.empty();

    /**
     * What became of them.
     *
     * @param folder where everything is that they printed
     */
    record Report(Map<Example, Progress> progress, List<ExampleVerdicts.Verdict> verdicts, Path folder) {}

    Examples(long seed, ExamplesScreen screen) {
        this.seed = seed;
        this.screen = screen;
    }

    void start(Python.Target target, Path folder, long begunNanos) throws InterruptedException {
        try {
            ExampleFiles files = ExampleFiles.find();
            Python python = new PythonSearch(files, System.getenv(), Path.of("")).find();
            ExampleProcesses started = new ExampleProcesses(
                    Example.QUICK, example -> python.training(example, seed, target), folder, screen::failed);
            started.start();
            processes = Optional.of(started);
            screen.up(begunNanos, Example.QUICK.size(), Path.of(python.command()));
        } catch (NoExamplesException e) {
            screen.leftOut(e);
        }
    }

    /** Takes every alert. */
    void seen(Alert alert) {
        verdicts.add(alert);
    }

    /** How they stand, if they were started. */
    Optional<Report> report() {
        return processes.map(some -> {
            Map<Example, Progress> progress = some.progress();
            return new Report(progress, verdicts.verdicts(progress), some.folder());
        });
    }

    @Override
    public void close() {
        processes.ifPresent(ExampleProcesses::close);
    }
}

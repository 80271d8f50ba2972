package dev.gradwatch.benchmarks;

import java.util.concurrent.Callable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine.Command;

/** Runs {@link CoreBenchmark} with the allocation profiler: nanoseconds and bytes for each event. */
@Command(name = "core", description = "Nanoseconds and bytes for each event in the core (JMH).")
final class Core implements Callable<Integer> {

    @Override
    public Integer call() throws Exception {
        new Runner(new OptionsBuilder()
                        .include(CoreBenchmark.class.getName())
                        .addProfiler(GCProfiler.class)
                        .build())
                .run();
        return 0;
    }
}

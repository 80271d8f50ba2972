package dev.gradwatch.benchmarks;

import dev.gradwatch.detection.ApplyResult;
import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.state.RunStateCodec;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the core costs: one step of a healthy run through all detectors, and the state into bytes and back. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class CoreBenchmark {

    /** A run in the middle of its life, and records that go on from there; begun anew for every iteration. */
    @State(Scope.Thread)
    public static class Run {

        private static final int PREPARED = 1 << 16;

        /** Layers in each step. */
        @Param({"0", "20"})
        public int layers;

        private final RunStateCodec codec = new RunStateCodec();
        private final RunRecord[] records = new RunRecord[PREPARED];
        private RunWatch watch;
        private RunState state;
        private byte[] bytes;
        private long next;

        @Setup(Level.Iteration)
        public void start() {
            watch = new RunWatch(DetectionSettings.defaults());
            state = watch.newRun("benchmark");
            HealthyRun run = new HealthyRun(layers, 1);
            watch.apply(state, run.started("benchmark", 1), alert -> {});
            for (int i = 0; i < records.length; i++) {
                records[i] = run.step("benchmark", i, 1_000 + i);
            }
            next = 0;
            for (int i = 0; i < 1000; i++) {
                step();
            }
            bytes = codec.encode(state);
        }

        /** When the prepared steps are used up the run begins its next attempt. */
        private ApplyResult step() {
            int at = (int) (next % PREPARED);
            RunRecord record = records[at];
            int attempt = 1 + (int) (next / PREPARED);
            next++;
            return watch.apply(
                    state,
                    attempt == 1 ? record : new RunRecord(record.runId(), attempt, record.timeMillis(), record.event()),
                    alert -> {});
        }
    }

    @Benchmark
    public ApplyResult applyStep(Run run) {
        return run.step();
    }

    @Benchmark
    public byte[] encodeState(Run run) {
        return run.codec.encode(run.state);
    }

    @Benchmark
    public RunState decodeState(Run run) {
        return run.codec.decode(run.bytes);
    }
}

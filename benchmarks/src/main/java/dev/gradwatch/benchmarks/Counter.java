package dev.gradwatch.benchmarks;

import dev.gradwatch.app.engine.EngineListener;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a topology has done, and when it began. Thread-safe. */
final class Counter implements EngineListener {

    private final LongAdder records = new LongAdder();
    private final LongAdder steps = new LongAdder();
    private final LongAdder stateWrites = new LongAdder();
    private final LongAdder stateBytes = new LongAdder();
    private final LongAdder coreNanos = new LongAdder();
    private volatile long firstNanos;

    void record() {
        if (firstNanos == 0) {
            firstNanos = System.nanoTime();
        }
        records.increment();
    }

    @Override
    public void recordApplied(String type, int applied, int duplicates, int stale, long nanos) {
        if (!type.equals("tick")) {
            record();
            steps.add(applied);
            coreNanos.add(nanos);
        }
    }

    @Override
    public void stateWritten(int bytes) {
        stateWrites.increment();
        stateBytes.add(bytes);
    }

    long records() {
        return records.sum();
    }

    double stateBytesPerRecord() {
        return stateBytes.sum() / (double) records();
    }

    double stateBytesPerWrite() {
        return stateBytes.sum() / (double) Math.max(1, stateWrites.sum());
    }

    double coreNanosPerRecord() {
        return coreNanos.sum() / (double) records();
    }

    /** Records a second from the first one on, waiting until {@code expected} are done. */
    double awaitRate(long expected) throws InterruptedException {
        long patience = System.nanoTime() + 600_000_000_000L;
        while (records() < expected) {
            if (System.nanoTime() > patience) {
                throw new IllegalStateException(records() + " of " + expected + " records after ten minutes");
            }
            Thread.sleep(5);
        }
        return expected / ((System.nanoTime() - firstNanos) / 1e9);
    }
}

package dev.gradwatch.app.engine;

/** Bounds on runs in memory that follow from the heap where nobody sets them. */
public final class HeapBounds {

    /** A live state of a run with 256 layers, its journal and its place in the map; measured, see {@code docs/performance.md}. */
    static final int LIVE_RUN_BYTES = 8 << 10;
    /** What is in memory of a run whose state is not: its id of up to 256 characters, its times, its deadline. */
    static final int KNOWN_RUN_BYTES = 500;

    private HeapBounds() {}

    /** A quarter of the heap. */
    public static int liveRuns(int configured, long heapBytes) {
        return bound(configured, heapBytes / 4 / LIVE_RUN_BYTES);
    }

    /** An eighth of the heap. */
    public static int knownRuns(int configured, long heapBytes) {
        return bound(configured, heapBytes / 8 / KNOWN_RUN_BYTES);
    }

    private static int bound(int configured, long fromHeap) {
        return configured > 0 ? configured : (int) Math.max(1000, Math.min(fromHeap, 100_000_000));
    }
}

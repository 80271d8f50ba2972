package dev.gradwatch.detection.statistics;

/** A buffer per thread for statistics that need to sort a copy, so that the hot path allocates nothing. */
final class Scratch {

    private static final ThreadLocal<double[]> BUFFER = ThreadLocal.withInitial(() -> new double[128]);

    private Scratch() {}

    static double[] of(int size) {
        double[] buffer = BUFFER.get();
        if (buffer.length < size) {
            buffer = new double[size];
            BUFFER.set(buffer);
        }
        return buffer;
    }
}

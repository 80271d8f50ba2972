package dev.gradwatch.app.service.metrics;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Bounds the cardinality of a label: admits the first values up to a limit, for good, so that series stay what they are. Thread-safe. */
final class CardinalityLimit<T> {

    private final Set<T> admitted = ConcurrentHashMap.newKeySet();
    private final int limit;

    CardinalityLimit(int limit) {
        this.limit = limit;
    }

    boolean admits(T value) {
        if (admitted.contains(value)) {
            return true;
        }
        synchronized (admitted) {
            return admitted.contains(value) || (admitted.size() < limit && admitted.add(value));
        }
    }
}

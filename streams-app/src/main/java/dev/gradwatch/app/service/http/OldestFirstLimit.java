package dev.gradwatch.app.service.http;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Holds a bounded number of things; one too many ends the oldest. Whoever opens many and never finishes then loses their own, and a newcomer
 * is always let in. Thread-safe.
 */
final class OldestFirstLimit<T> {

    private final int limit;
    private final Consumer<T> end;
    private final Set<T> held = new LinkedHashSet<>();

    /** At most {@code limit}; {@code end} takes the oldest down and may be called from any thread. */
    OldestFirstLimit(int limit, Consumer<T> end) {
        this.limit = limit;
        this.end = end;
    }

    void add(T one) {
        T oldest = null;
        synchronized (held) {
            held.add(one);
            if (held.size() > limit) {
                Iterator<T> eldest = held.iterator();
                oldest = eldest.next();
                eldest.remove();
            }
        }
        if (oldest != null) {
            end.accept(oldest);
        }
    }

    void remove(T one) {
        synchronized (held) {
            held.remove(one);
        }
    }
}

package dev.gradwatch.app.engine.state;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A bound on what all tasks of an instance keep together. A task that is above its equal share gives up entries while the instance is above
 * the bound, so a busy partition may use what the others leave, and no partition can take the share of another. Thread-safe.
 */
public final class SharedBound {

    private final int most;
    private final AtomicInteger kept = new AtomicInteger();
    private final AtomicInteger tasks = new AtomicInteger();

    public SharedBound(int most) {
        this.most = most;
    }

    public void join() {
        tasks.incrementAndGet();
    }

    /**
     * A task goes, and its entries with it.
     *
     * @param own what the task kept
     */
    public void leave(int own) {
        tasks.decrementAndGet();
        kept.addAndGet(-own);
    }

    /**
     * A task keeps more entries, or fewer.
     *
     * @param entries how many more; negative for fewer
     */
    public void changed(int entries) {
        kept.addAndGet(entries);
    }

    /** Whether a task that keeps so many entries has to give one up. */
    public boolean isExceeded(int own) {
        return own > 1 && kept.get() > most && own > most / Math.max(1, tasks.get());
    }
}

package dev.gradwatch.app.engine.state;

import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.state.RunState;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;

/**
 * The write-behind store: a bounded number of live states before a logged, persistent store. However many records a run gets between two
 * commits, its state becomes bytes once.
 *
 * <p>The only moment before an exactly-once commit that a store is told of is {@link CachedStateStore#flushCache()}, which is internal to
 * Kafka Streams ({@link StateStore#commit} comes after the offsets are committed, too late for the changelog). This class is the only one that
 * depends on it; {@code WriteBehindIT} fails when an upgrade changes it. See {@code docs/adr/0003-write-behind-state-store.md}.
 *
 * <p>Invariants: a live state is the truth, the durable one may be older; a state leaves memory only clean. Owned by one task's thread.
 */
public final class RunStateStore implements StateStore, CachedStateStore<String, RunState> {

    private final KeyValueStore<String, byte[]> durable;
    private final SharedBound mostLive;
    private final StoreListener listener;
    private final LinkedHashMap<String, LiveRun> live = new LinkedHashMap<>(256, 0.75f, true);
    private final List<LiveRun> changed = new ArrayList<>();
    private TaskId task;
    private StateDamage damage;
    private boolean damaged;
    private boolean joined;

    /**
     * @param durable logged and persistent, without a cache of its own
     * @param mostLive how many states may be in memory, of all tasks
     */
    public RunStateStore(KeyValueStore<String, byte[]> durable, SharedBound mostLive, StoreListener listener) {
        this.durable = durable;
        this.mostLive = mostLive;
        this.listener = listener;
    }

    /**
     * The run, or {@code null} when it was never heard of.
     *
     * @throws UnreadableStateException when its stored state cannot be read
     */
    public LiveRun find(String runId) {
        LiveRun run = live.get(runId);
        if (run != null) {
            return run;
        }
        byte[] bytes = guarded(() -> durable.get(runId));
        if (bytes == null) {
            return null;
        }
        LiveRun loaded = StoredRun.decode(runId, bytes);
        keep(loaded);
        return loaded;
    }

    /** Takes in a run that {@link #find} did not know. */
    public void add(LiveRun run) {
        keep(run);
    }

    /**
     * Says that a record was applied to the run's state, so that it is written before the next commit.
     *
     * @param heardAt wall clock of the run's last sign of life
     */
    public void applied(LiveRun run, RunRecord record, long heardAt) {
        if (!run.isDirty()) {
            changed.add(run);
        }
        run.applied(record, heardAt);
        if (run.journalIsLong()) {
            run.startJournalAt(StoredRun.encode(run));
        }
    }

    /** The state to which the run's journal must be applied to get its present one; {@code null} when it began with the journal. */
    public RunState journalBase(LiveRun run) {
        byte[] bytes = run.base() != null ? run.base() : guarded(() -> durable.get(run.runId()));
        return bytes == null ? null : StoredRun.decode(run.runId(), bytes).state();
    }

    /** Forgets a run, here and in the changelog. */
    public void forget(String runId) {
        LiveRun run = live.remove(runId);
        if (run != null) {
            mostLive.changed(-1);
            run.leaveMemory();
        }
        guarded(() -> durable.delete(runId));
    }

    /**
     * Visits every run once, to index them; no state stays in memory for it.
     *
     * @param unreadable is given the id and the reason of runs whose state cannot be read
     */
    public void forEach(Consumer<LiveRun> visitor, BiConsumer<String, UnreadableStateException> unreadable) {
        try (KeyValueIterator<String, byte[]> stored = guarded(durable::all)) {
            while (stored.hasNext()) {
                KeyValue<String, byte[]> entry = stored.next();
                if (live.containsKey(entry.key)) {
                    continue;
                }
                LiveRun run;
                try {
                    run = StoredRun.decode(entry.key, entry.value);
                } catch (UnreadableStateException e) {
                    unreadable.accept(entry.key, e);
                    continue;
                }
                visitor.accept(run);
            }
        }
        live.values().forEach(visitor);
    }

    private void keep(LiveRun run) {
        if (live.put(run.runId(), run) == null) {
            mostLive.changed(1);
        }
        evict();
    }

    private void evict() {
        Iterator<LiveRun> eldestFirst = live.values().iterator();
        while (mostLive.isExceeded(live.size())) {
            LiveRun eldest = eldestFirst.next();
            write(eldest);
            eldestFirst.remove();
            mostLive.changed(-1);
            // It may still be listed as changed, and must not stay in memory for that.
            eldest.leaveMemory();
        }
    }

    private void write(LiveRun run) {
        if (run.isDirty()) {
            byte[] bytes = StoredRun.encode(run);
            guarded(() -> {
                durable.put(run.runId(), bytes);
                return null;
            });
            run.written();
            listener.stateWritten(bytes.length);
        }
    }

    /** Called by Kafka Streams before it commits the task. */
    @Override
    public void flushCache() {
        for (LiveRun run : changed) {
            write(run);
        }
        changed.clear();
        evict();
    }

    /** Called by Kafka Streams when a task becomes a standby or active: what is durable may change behind our back. */
    @Override
    public void clearCache() {
        mostLive.changed(-live.size());
        live.clear();
        changed.clear();
    }

    @Override
    public boolean setFlushListener(CacheFlushListener<String, RunState> flushListener, boolean sendOldValues) {
        return false;
    }

    @Override
    public String name() {
        return durable.name();
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        // A task that is revived after an error uses this same object again.
        clearCache();
        if (!joined) {
            joined = true;
            mostLive.join();
        }
        task = context.taskId();
        damage = durable.persistent()
                ? new StateDamage(task.toString(), context.stateDir().toPath(), name())
                : null;
        damaged = false;
        String found = damage == null ? null : damage.find();
        if (found != null) {
            damage.moveAside(found);
            throw corrupted();
        }
        try {
            durable.init(context, root);
        } catch (ProcessorStateException e) {
            if (damage == null || !StateDamage.isDamage(e)) {
                throw e;
            }
            damage.moveAside(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
            throw corrupted();
        }
    }

    /** Reads or writes files; what is damaged there makes Kafka Streams restore this task, and no other, from the changelog. */
    private <T> T guarded(Supplier<T> access) {
        try {
            return access.get();
        } catch (ProcessorStateException e) {
            if (damage == null || !StateDamage.isDamage(e)) {
                throw e;
            }
            damaged = true;
            throw corrupted();
        }
    }

    private TaskCorruptedException corrupted() {
        listener.stateDamaged(task.partition());
        return new TaskCorruptedException(Set.of(task));
    }

    @Override
    public void commit(Map<TopicPartition, Long> changelogOffsets) {
        durable.commit(changelogOffsets);
    }

    @Override
    public Long committedOffset(TopicPartition partition) {
        return durable.committedOffset(partition);
    }

    @Override
    @SuppressWarnings(
            "deprecation") // Deprecated for implementors that say no; a wrapper can only pass the question on.
    public boolean managesOffsets() {
        return durable.managesOffsets();
    }

    @Override
    public void close() {
        clearCache();
        if (joined) {
            joined = false;
            mostLive.leave(0);
        }
        durable.close();
        if (damaged) {
            damage.moveAside("a file could not be read");
        } else if (damage != null) {
            damage.seal();
        }
    }

    @Override
    public boolean persistent() {
        return durable.persistent();
    }

    @Override
    public boolean isOpen() {
        return durable.isOpen();
    }

    @Override
    public Position getPosition() {
        return durable.getPosition();
    }
}

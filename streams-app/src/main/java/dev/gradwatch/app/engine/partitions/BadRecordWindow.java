package dev.gradwatch.app.engine.partitions;

import java.util.HashMap;
import java.util.Map;

/**
 * The last thousand records of a partition that count, and how many of them could not be used. Owned by one task's thread.
 *
 * <p>Not every bad record counts. Pausing protects runs whose records became unusable, and it costs every other run of the partition its
 * watching. So while usable records arrive, only bad records of runs that are known count, and of one key only so many: whoever publishes
 * rubbish beside healthy runs gets dead letters and stops nobody.
 */
final class BadRecordWindow {

    static final int WINDOW = 1000;

    /** Of one key at most a tenth of the window counts, so that one publisher alone never reaches a share above that. */
    static final int MOST_PER_KEY = WINDOW / 10;

    private final Entry[] entries = new Entry[WINDOW];
    private final Map<Integer, Integer> badByKey = new HashMap<>();
    private int next;
    private int seen;
    private int bad;

    /** A record: {@code null} stands for a usable one. */
    private record Entry(int keyHash) {}

    void good() {
        count(null);
    }

    /** @param othersAreWell whether usable records arrive in this partition */
    void bad(String key, boolean known, boolean othersAreWell) {
        int hash = key == null ? 0 : key.hashCode();
        if (othersAreWell && (!known || badByKey.getOrDefault(hash, 0) >= MOST_PER_KEY)) {
            return;
        }
        count(new Entry(hash));
    }

    int seen() {
        return seen;
    }

    int badSeen() {
        return bad;
    }

    boolean isFull() {
        return seen == WINDOW;
    }

    void clear() {
        java.util.Arrays.fill(entries, null);
        badByKey.clear();
        next = 0;
        seen = 0;
        bad = 0;
    }

    private void count(Entry entry) {
        if (seen == WINDOW) {
            Entry oldest = entries[next];
            if (oldest != null) {
                bad--;
                badByKey.computeIfPresent(oldest.keyHash(), (hash, count) -> count == 1 ? null : count - 1);
            }
        } else {
            seen++;
        }
        entries[next] = entry;
        if (entry != null) {
            bad++;
            badByKey.merge(entry.keyHash(), 1, Integer::sum);
        }
        next = (next + 1) % WINDOW;
    }
}

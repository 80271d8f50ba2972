package dev.gradwatch.app.scenario;

import dev.gradwatch.detection.event.RunRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/** The same logs, delivered as publishers and topics do it: mixed with others, and again where nobody acknowledged in time. */
public final class Delivery {

    private Delivery() {}

    /** Several logs as one: each keeps its order, and all are under way at the same time. */
    public static List<RunRecord> together(List<List<RunRecord>> logs, long seed) {
        Random random = new Random(seed);
        List<Deque<RunRecord>> left = new ArrayList<>();
        logs.forEach(log -> left.add(new ArrayDeque<>(log)));
        List<RunRecord> told = new ArrayList<>();
        while (!left.isEmpty()) {
            Deque<RunRecord> log = left.get(random.nextInt(left.size()));
            told.add(log.remove());
            if (log.isEmpty()) {
                left.remove(log);
            }
        }
        return told;
    }

    /** Every record twice, the copy at once. */
    public static List<RunRecord> twice(List<RunRecord> records) {
        List<RunRecord> told = new ArrayList<>();
        for (RunRecord record : records) {
            told.add(record);
            told.add(record);
        }
        return told;
    }

    /** Every record twice, the copy late: after {@code delay} newer records. */
    public static List<RunRecord> late(List<RunRecord> records, int delay) {
        List<RunRecord> told = new ArrayList<>();
        for (int i = 0; i < records.size() + delay; i++) {
            if (i < records.size()) {
                told.add(records.get(i));
            }
            if (i >= delay) {
                told.add(records.get(i - delay));
            }
        }
        return told;
    }

    /** Neighbours change places, but for every {@code every}-th pair alone. */
    public static List<RunRecord> swapped(List<RunRecord> records, int every) {
        List<RunRecord> told = new ArrayList<>(records);
        for (int i = 1; i + 2 < told.size(); i += every) {
            RunRecord first = told.get(i);
            told.set(i, told.get(i + 1));
            told.set(i + 1, first);
        }
        return told;
    }
}

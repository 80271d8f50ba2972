package dev.gradwatch.app.edge.cli;

import dev.gradwatch.app.edge.cli.BacktestedRun.Seen;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What changed settings do to one alert of a run.
 *
 * @param before {@code null} when the alert appears
 * @param after {@code null} when it disappears
 */
record AlertDifference(Seen before, Seen after) {

    /** What becomes of an alert. */
    enum Kind {
        ADDED('+'),
        REMOVED('-'),
        CHANGED('~');

        final char sign;

        Kind(char sign) {
            this.sign = sign;
        }
    }

    /**
     * All differences of one run, in the order of its alerts. An alert has an id that says where it opened, so the same id is the same
     * alert; of those that are left, the first of a detector and attempt before belongs to the first after, and so on.
     */
    static List<AlertDifference> between(BacktestedRun before, BacktestedRun after) {
        Map<String, Seen> remaining = new LinkedHashMap<>();
        after.alerts().forEach(seen -> remaining.put(seen.alert().id(), seen));
        Map<Seen, Seen> pairs = new LinkedHashMap<>();
        for (Seen old : before.alerts()) {
            pairs.put(old, remaining.remove(old.alert().id()));
        }
        pairs.replaceAll((old, same) -> same == null ? takeAlike(old, remaining) : same);
        List<AlertDifference> differences = new ArrayList<>();
        pairs.forEach((old, now) -> {
            AlertDifference difference = new AlertDifference(old, now);
            if (now == null || !difference.isNothing()) {
                differences.add(difference);
            }
        });
        remaining.values().forEach(seen -> differences.add(new AlertDifference(null, seen)));
        return differences;
    }

    Kind kind() {
        return before == null ? Kind.ADDED : after == null ? Kind.REMOVED : Kind.CHANGED;
    }

    /** The alert as it is now, or as it was when it is no more. */
    Seen either() {
        return after == null ? before : after;
    }

    boolean isOtherSeverity() {
        return before.alert().severity() != after.alert().severity();
    }

    boolean isOtherOpening() {
        return isOther(before.opened().step(), after.opened().step())
                || isOther(before.opened().epoch(), after.opened().epoch());
    }

    /** Whether it ends elsewhere, or no longer ends, or ends for another reason. */
    boolean isOtherEnd() {
        if (before.isResolved() != after.isResolved()) {
            return true;
        }
        return before.isResolved()
                && (isOther(before.ended().step(), after.ended().step())
                        || isOther(before.ended().epoch(), after.ended().epoch()));
    }

    /** Below 0 when it opens earlier than before, above 0 when later. */
    int direction() {
        return Double.compare(after.place().steps(), before.place().steps()) != 0
                ? Double.compare(after.place().steps(), before.place().steps())
                : Double.compare(after.place().epochs(), before.place().epochs());
    }

    private boolean isNothing() {
        return !isOtherSeverity() && !isOtherOpening() && !isOtherEnd();
    }

    private static Seen takeAlike(Seen old, Map<String, Seen> remaining) {
        for (Seen seen : remaining.values()) {
            if (seen.alert().detector().equals(old.alert().detector())
                    && seen.alert().attempt() == old.alert().attempt()) {
                return remaining.remove(seen.alert().id());
            }
        }
        return null;
    }

    private static boolean isOther(Object one, Object other) {
        return !Objects.equals(one, other);
    }
}

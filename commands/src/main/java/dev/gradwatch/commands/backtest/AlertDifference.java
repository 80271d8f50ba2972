package dev.gradwatch.commands.backtest;

import dev.gradwatch.commands.alerts.FinalAlert;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * What changed settings do to one alert of a run.
 *
 * @param before {@code null} when the alert appears
 * @param after {@code null} when it disappears
 */
record AlertDifference(FinalAlert before, FinalAlert after) {

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
     * All differences of one run, in the order of its alerts. Two alerts of one detector and attempt are the same one when they opened at
     * the same place; of those that are left, the first before belongs to the first after, and so on.
     */
    static List<AlertDifference> between(BacktestedRun before, BacktestedRun after) {
        List<FinalAlert> remaining = new ArrayList<>(after.alerts());
        Map<FinalAlert, FinalAlert> pairs = new LinkedHashMap<>();
        for (FinalAlert old : before.alerts()) {
            pairs.put(old, take(remaining, seen -> isAlike(old, seen) && isAtOnePlace(old, seen)));
        }
        pairs.replaceAll((old, same) -> same == null ? take(remaining, seen -> isAlike(old, seen)) : same);
        List<AlertDifference> differences = new ArrayList<>();
        pairs.forEach((old, now) -> {
            AlertDifference difference = new AlertDifference(old, now);
            if (now == null || !difference.isNothing()) {
                differences.add(difference);
            }
        });
        remaining.forEach(seen -> differences.add(new AlertDifference(null, seen)));
        return differences;
    }

    Kind kind() {
        return before == null ? Kind.ADDED : after == null ? Kind.REMOVED : Kind.CHANGED;
    }

    /** The alert as it is now, or as it was when it is no more. */
    FinalAlert either() {
        return after == null ? before : after;
    }

    boolean isOtherSeverity() {
        return before.alert().severity() != after.alert().severity();
    }

    boolean isOtherOpening() {
        return !isAtOnePlace(before, after);
    }

    /** Whether it ends elsewhere, or no longer ends, or ends for another reason. */
    boolean isOtherEnd() {
        if (before.isOver() != after.isOver()) {
            return true;
        }
        return before.isOver()
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

    private static FinalAlert take(List<FinalAlert> from, Predicate<FinalAlert> wanted) {
        for (int i = 0; i < from.size(); i++) {
            if (wanted.test(from.get(i))) {
                return from.remove(i);
            }
        }
        return null;
    }

    private static boolean isAlike(FinalAlert one, FinalAlert other) {
        return one.alert().detector().equals(other.alert().detector())
                && one.alert().attempt() == other.alert().attempt();
    }

    private static boolean isAtOnePlace(FinalAlert one, FinalAlert other) {
        return !isOther(one.opened().step(), other.opened().step())
                && !isOther(one.opened().epoch(), other.opened().epoch());
    }

    private static boolean isOther(Object one, Object other) {
        return !Objects.equals(one, other);
    }
}

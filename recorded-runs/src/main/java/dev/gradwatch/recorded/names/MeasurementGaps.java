package dev.gradwatch.recorded.names;

import java.util.HashMap;
import java.util.Map;

/**
 * Tells a NaN that was measured from one that stands for "not measured this time": programs that validate every few epochs, and tables that
 * were joined, fill the rest of the column with NaN. Judged by what stood in the column before, so that a growing log is read as a complete
 * one is.
 */
public final class MeasurementGaps {

    /** A column that was never measured within so many rows is one of NaN: validation runs more often than every 20th row. */
    private static final int NEVER_MEASURED = 20;

    /** So often in a row a column must have been measured before its next NaN counts as one. */
    private static final int MEASURED_IN_A_ROW = 2;

    private static final String BETWEEN_COLUMNS = "\u001e";
    private static final String BETWEEN_PARTS = "\u001f";

    private static final class Column {
        private int gaps;
        private int values;
        private boolean gapBetween;
    }

    /** Columns with gaps that are remembered: wide tables have fewer than this that matter. */
    private static final int MOST_REMEMBERED = 64;

    private final Map<String, Column> columns = new HashMap<>();
    private final boolean resumed;

    /**
     * Goes on from what was remembered.
     *
     * @param memory as {@link #memory()} gave it; empty at the beginning of a log
     */
    public MeasurementGaps(String memory) {
        resumed = !memory.isEmpty();
        for (String column : memory.split(BETWEEN_COLUMNS, -1)) {
            String[] parts = column.split(BETWEEN_PARTS, -1);
            if (parts.length == 4) {
                Column known = new Column();
                known.values = Integer.parseInt(parts[1]);
                known.gaps = Integer.parseInt(parts[2]);
                known.gapBetween = Boolean.parseBoolean(parts[3]);
                columns.put(parts[0], known);
            }
        }
    }

    /** To be kept: the columns with gaps. All others are taken as measured ones later. */
    public String memory() {
        StringBuilder kept = new StringBuilder(columns.isEmpty() ? "" : BETWEEN_COLUMNS);
        columns.entrySet().stream()
                .filter(column -> column.getValue().gaps > 0 || column.getValue().gapBetween)
                .sorted(Map.Entry.comparingByKey())
                .limit(MOST_REMEMBERED)
                .forEach(column -> kept.append(column.getKey())
                        .append(BETWEEN_PARTS)
                        .append(column.getValue().values)
                        .append(BETWEEN_PARTS)
                        .append(column.getValue().gaps)
                        .append(BETWEEN_PARTS)
                        .append(column.getValue().gapBetween)
                        .append(BETWEEN_COLUMNS));
        return kept.toString();
    }

    /**
     * Whether a value was measured; to be asked of every value of a log, in order.
     *
     * @param trainingIsFinite whether the row has a training loss that is a number
     * @param heldOutIsFinite whether the row has a validation or test loss that is a number
     */
    public boolean isMeasured(Scalar scalar, double value, boolean trainingIsFinite, boolean heldOutIsFinite) {
        boolean canBeLeftOut = scalar.isHeldOut()
                || scalar.quantity() == Quantity.METRIC
                || scalar.quantity() == Quantity.ACCURACY
                || scalar.quantity() == Quantity.LOSS;
        if (!canBeLeftOut) {
            return true;
        }
        Column column = columns.computeIfAbsent(scalar.part() + scalar.label(), same -> fresh());
        if (!Double.isNaN(value)) {
            column.values = Math.min(column.values + 1, MEASURED_IN_A_ROW);
            column.gapBetween |= column.gaps > 0;
            column.gaps = 0;
            return true;
        }
        column.gaps++;
        if (scalar.quantity() == Quantity.LOSS && !scalar.isHeldOut()) {
            // Of a joined table, whose rows for the validation have no training loss.
            return !heldOutIsFinite;
        }
        if (!trainingIsFinite) {
            return true;
        }
        if (column.values == 0) {
            return column.gaps > NEVER_MEASURED;
        }
        return !column.gapBetween && column.values >= MEASURED_IN_A_ROW;
    }

    private Column fresh() {
        Column column = new Column();
        column.values = resumed ? MEASURED_IN_A_ROW : 0;
        return column;
    }
}

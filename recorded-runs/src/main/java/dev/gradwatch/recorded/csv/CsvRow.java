package dev.gradwatch.recorded.csv;

import dev.gradwatch.recorded.json.JsonValues;
import dev.gradwatch.recorded.log.MalformedLogException;
import dev.gradwatch.recorded.names.MeasurementGaps;
import dev.gradwatch.recorded.names.Quantity;
import dev.gradwatch.recorded.names.Scalar;
import dev.gradwatch.recorded.names.ScalarRow;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The numbers of one line of a table. */
final class CsvRow {

    private static final Set<String> ABSENT = Set.of("", "na", "n/a", "none", "null", "-");
    private static final double SECONDS_SINCE_1970 = 1e9;
    private static final double MILLIS_SINCE_1970 = 1e12;

    private final CsvColumns columns;
    private final Double[] values;
    private Long step;
    private Double epoch;
    private boolean full = true;

    private CsvRow(CsvColumns columns) {
        this.columns = columns;
        this.values = new Double[columns.count()];
    }

    /**
     * Reads the cells.
     *
     * @param number of the row, which is its epoch where the table has no place of its own
     */
    static CsvRow of(List<String> cells, CsvColumns columns, long number) throws MalformedLogException {
        CsvRow row = new CsvRow(columns);
        for (int i = 0; i < columns.count(); i++) {
            row.values[i] = value(cells.get(i), columns.column(i));
            row.full &= row.values[i] != null;
        }
        row.step = columns.step() < 0 ? null : step(row.values[columns.step()]);
        row.epoch = columns.hasNoPlace()
                ? (Double) (double) number
                : columns.epoch() < 0 ? null : epoch(row.values[columns.epoch()]);
        if (row.step == null && row.epoch == null) {
            throw new MalformedLogException("the row has neither a step nor an epoch", String.join(", ", cells));
        }
        return row;
    }

    /** Forgets what stands there without having been measured: NaN that fills gaps, and the zeros of a validation that did not run. */
    void leaveOutWhatWasNotMeasured(MeasurementGaps gaps) {
        boolean trainingIsFinite = false;
        boolean heldOutIsFinite = false;
        int heldOutLosses = 0;
        boolean zero = true;
        for (int i = 0; i < values.length; i++) {
            Quantity quantity = columns.column(i).quantity();
            boolean loss = quantity == Quantity.LOSS || quantity == Quantity.PART_OF_LOSS;
            if (values[i] != null && loss && columns.column(i).isHeldOut()) {
                heldOutLosses++;
                zero &= values[i] == 0;
                heldOutIsFinite |= Double.isFinite(values[i]);
            }
            trainingIsFinite |=
                    values[i] != null && loss && !columns.column(i).isHeldOut() && Double.isFinite(values[i]);
        }
        boolean notValidated = heldOutLosses > 1 && zero;
        for (int i = 0; i < values.length; i++) {
            Scalar column = columns.column(i);
            if (values[i] == null) {
                continue;
            }
            boolean ofValidation = column.isHeldOut() || column.label().startsWith("metrics/");
            if ((notValidated && ofValidation)
                    || !gaps.isMeasured(column, values[i], trainingIsFinite, heldOutIsFinite)) {
                values[i] = null;
            }
        }
    }

    Long step() {
        return step;
    }

    Double epoch() {
        return epoch;
    }

    /** Whether every column has a value, so that no other row of the same place is to be expected. */
    boolean isFull() {
        return full;
    }

    /** Whether this row tells more of the same place. */
    boolean continues(ScalarRow readings) {
        boolean same =
                step == null ? readings.step() == null && epoch.equals(readings.epoch()) : step.equals(readings.step());
        for (int i = 0; same && i < values.length; i++) {
            same = values[i] == null || !readings.has(columns.column(i));
        }
        return same;
    }

    void into(ScalarRow readings) {
        if (readings.epoch() == null) {
            readings.epoch(epoch);
        }
        for (int i = 0; i < values.length; i++) {
            if (values[i] == null) {
                continue;
            }
            if (columns.column(i).quantity() == Quantity.TIME) {
                time(values[i], readings);
            } else {
                readings.put(columns.column(i), values[i]);
            }
        }
    }

    /** A column {@code time} may also count seconds since the beginning of the run, which is of no use here. */
    private static void time(double value, ScalarRow readings) {
        if (value > MILLIS_SINCE_1970 && value < 10 * MILLIS_SINCE_1970) {
            readings.time((long) value);
        } else if (value > SECONDS_SINCE_1970 && value < 10 * SECONDS_SINCE_1970) {
            readings.time((long) (value * 1000));
        }
    }

    private static Double value(String cell, Scalar column) throws MalformedLogException {
        if (ABSENT.contains(cell.toLowerCase(Locale.ROOT))) {
            return null;
        }
        char last = cell.charAt(cell.length() - 1);
        try {
            // Java reads "1d" and "1f" as numbers; no log means that.
            return last == '.' || Character.isDigit(last)
                    ? (Double) Double.parseDouble(cell)
                    : (Double) JsonValues.nonFinite(cell, column.label());
        } catch (NumberFormatException | MalformedLogException e) {
            return switch (column.quantity()) {
                case METRIC, NOTHING, TIME -> null;
                default -> throw new MalformedLogException(column.label() + " must be a number", cell);
            };
        }
    }

    private static Long step(Double value) throws MalformedLogException {
        if (value == null) {
            return null;
        }
        if (!(value >= 0) || value != Math.rint(value) || value > 1L << 53) {
            throw new MalformedLogException("step must be a whole number of 0 or more", value.toString());
        }
        return value.longValue();
    }

    private static Double epoch(Double value) throws MalformedLogException {
        if (value != null && !(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new MalformedLogException("epoch must be a finite number of 0 or more", value.toString());
        }
        return value;
    }
}

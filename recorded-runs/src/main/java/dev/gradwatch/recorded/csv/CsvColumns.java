package dev.gradwatch.recorded.csv;

import dev.gradwatch.recorded.log.MalformedLogException;
import dev.gradwatch.recorded.names.NameTable;
import dev.gradwatch.recorded.names.Quantity;
import dev.gradwatch.recorded.names.Scalar;
import dev.gradwatch.recorded.names.Scalar.Part;
import java.util.ArrayList;
import java.util.List;

/**
 * What the columns of a table stand for. The place of a row is its {@code step}, or else its {@code epoch}; a first column without a name
 * counts epochs, and so do the rows of a table that has neither.
 */
final class CsvColumns {

    private static final char[] SEPARATORS = {',', ';', '\t'};

    private final char separator;
    private final List<Scalar> columns;
    private final int step;
    private final int epoch;

    private CsvColumns(char separator, List<Scalar> columns) {
        this.separator = separator;
        this.columns = columns;
        this.step = indexOf(Quantity.STEP);
        this.epoch = indexOf(Quantity.EPOCH);
    }

    /** The columns of this header, or {@code null} when it is no header of a training log. */
    static CsvColumns of(String header, NameTable names) {
        for (char separator : SEPARATORS) {
            if (header.indexOf(separator) >= 0) {
                CsvColumns columns = of(header, separator, names);
                if (columns != null) {
                    return columns;
                }
            }
        }
        return null;
    }

    private static CsvColumns of(String header, char separator, NameTable table) {
        List<String> names;
        try {
            names = CsvLine.cells(header, separator);
        } catch (MalformedLogException e) {
            return null;
        }
        List<Scalar> columns = new ArrayList<>(names.size());
        boolean useful = false;
        for (String name : names) {
            Scalar column = table.read(name, Part.UNSAID);
            useful |= switch (column.quantity()) {
                case LOSS, NAMED_LOSS, ACCURACY, GRADIENT_NORM, PART_OF_LOSS -> true;
                default -> false;
            };
            columns.add(column);
        }
        if (!useful) {
            return null;
        }
        if (names.get(0).isEmpty() && new CsvColumns(separator, columns).hasNoPlace()) {
            columns.set(0, new Scalar(Quantity.EPOCH, Part.UNSAID, Scalar.Span.UNSAID, "epoch"));
        }
        return new CsvColumns(separator, columns);
    }

    /** The names in a header, in the separation that gives the most of them. */
    static List<String> names(String header) {
        List<String> most = List.of();
        for (char separator : SEPARATORS) {
            try {
                List<String> names = CsvLine.cells(header, separator);
                most = names.size() > most.size() ? names : most;
            } catch (MalformedLogException e) {
                // Then it is another separator.
            }
        }
        return most;
    }

    int count() {
        return columns.size();
    }

    Scalar column(int index) {
        return columns.get(index);
    }

    char separator() {
        return separator;
    }

    /** The index of the column that counts steps, or -1. */
    int step() {
        return step;
    }

    /** The index of the column that counts epochs, or -1. */
    int epoch() {
        return epoch;
    }

    boolean hasNoPlace() {
        return step < 0 && epoch < 0;
    }

    private int indexOf(Quantity meaning) {
        int found = -1;
        for (int i = 0; i < columns.size(); i++) {
            // A global step before one that counts within an epoch.
            if (columns.get(i).quantity() == meaning
                    && (found < 0 || columns.get(i).label().contains("global"))) {
                found = i;
            }
        }
        return found;
    }
}

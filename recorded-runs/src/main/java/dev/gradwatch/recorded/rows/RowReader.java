package dev.gradwatch.recorded.rows;

import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.recorded.log.LogPosition;
import dev.gradwatch.recorded.log.MalformedLogException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/** Reads a log row by row. */
public interface RowReader extends Closeable {

    /** The next row, or {@code null} at the end; of a growing log: for now. */
    Row next() throws IOException, MalformedLogException;

    /** Behind the row that was read last, with what the reader has to know of what was before. */
    LogPosition position();

    /** The line that was read last, from 1; 0 where there are no lines. */
    long line();

    /** What the rows that were read so far say beside their numbers of how long the run will be; NaN for nothing. */
    default Plan plan() {
        return Plan.NONE;
    }

    /** Tells what the log says of the run beside its rows. */
    default void describe(RunStarted.Builder run) {}

    /** How the run ended, where the log says so by now; else {@code null}. */
    default RunFinished finished() {
        return null;
    }

    /** How long a run will be. */
    record Plan(double steps, double epochs) {
        static final Plan NONE = new Plan(Double.NaN, Double.NaN);
    }

    /** Begins to read a log's content from a position. */
    @FunctionalInterface
    interface Opening {
        RowReader open(InputStream content, LogPosition from) throws IOException;
    }
}

package dev.gradwatch.recorded.scalars;

import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.recorded.log.LogEntries;
import dev.gradwatch.recorded.log.LogEntry;
import dev.gradwatch.recorded.log.LogPosition;
import dev.gradwatch.recorded.log.RecordedRunException;
import dev.gradwatch.recorded.log.RunHeader;
import dev.gradwatch.recorded.names.Quantity;
import dev.gradwatch.recorded.names.Scalar;
import dev.gradwatch.recorded.names.ScalarRow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The files of scalars of one run as one log, by the times of their events: files that follow each other because a program was started again, and
 * files beside each other because training and validation are written apart.
 *
 * <p>A scalar is an event of its own there; those of one step, or of one epoch for Keras' {@code epoch_...} tags, make one place of the run.
 */
public final class ScalarStreamEntries implements LogEntries {

    private static final double SECONDS_SINCE_1970 = 1e9;
    private static final String BY_EPOCH = "epoch_";

    private final List<? extends ScalarStream> files;
    private final boolean growing;
    private final Set<String> tags;
    private final RunHeader header;
    private final ScalarRow readings = new ScalarRow();
    private final Deque<LogEntry> ready = new ArrayDeque<>();
    private final Map<ScalarStream, Long> pendingFrom = new HashMap<>();
    private final Map<ScalarStream, Long> readyFrom = new HashMap<>();
    private boolean pending;
    private boolean pendingByEpoch;
    private boolean faultTold;

    public ScalarStreamEntries(
            List<? extends ScalarStream> files, boolean growing, boolean stepwise, Set<String> tags) {
        this.files = files;
        this.growing = growing;
        this.tags = tags;
        readings.stepwise(stepwise);
        double start = Double.POSITIVE_INFINITY;
        for (ScalarStream file : files) {
            start = Double.isNaN(file.firstTime()) ? start : Math.min(start, file.firstTime());
        }
        this.header = new RunHeader(null, 1, millis(start), RunHeader.EMPTY.registration(), null);
    }

    @Override
    public RunHeader header() {
        return header;
    }

    @Override
    public LogEntry next() throws IOException, RecordedRunException {
        while (ready.isEmpty()) {
            ScalarStream first = earliest();
            if (first != null) {
                take(first);
            } else if (pending && !growing) {
                complete();
            } else {
                tellFault();
                return null;
            }
        }
        return ready.remove();
    }

    @Override
    public void settle() {
        if (pending) {
            complete();
        }
    }

    @Override
    public long line() {
        return 0;
    }

    @Override
    public String lookedFor() {
        return tags.isEmpty() ? "it holds no scalars, only other kinds of data" : LogEntries.missingNames(tags);
    }

    @Override
    public boolean isBetweenPlaces() {
        return ready.isEmpty();
    }

    @Override
    public Map<Path, LogPosition> marks() {
        Map<Path, LogPosition> marks = new HashMap<>();
        for (ScalarStream file : files) {
            Long held = pendingFrom.get(file);
            if (!ready.isEmpty() && readyFrom.containsKey(file)) {
                held = readyFrom.get(file);
            }
            marks.put(
                    file.path(),
                    new LogPosition(held == null ? file.headBegin() : held, 0, readings.isStepwise(), null));
        }
        return marks;
    }

    @Override
    public void close() throws IOException {
        for (ScalarStream file : files) {
            file.close();
        }
    }

    private ScalarStream earliest() {
        ScalarStream earliest = null;
        for (ScalarStream file : files) {
            if (file.head() != null
                    && (earliest == null
                            || file.head().wallTime() < earliest.head().wallTime())) {
                earliest = file;
            }
        }
        return earliest;
    }

    private void take(ScalarStream file) throws IOException {
        ScalarEvent event = file.head();
        for (ScalarEvent.Value value : event.values()) {
            Scalar scalar = file.understood(value.tag());
            switch (scalar.quantity()) {
                case NOTHING, TIME, STEP -> {}
                case EPOCH -> epoch(event, value.number());
                default -> put(file, event, scalar, value.number());
            }
        }
        file.advance();
    }

    /** Some programs log the epoch as a scalar; it belongs to the scalars of the same step. */
    private void epoch(ScalarEvent event, double number) {
        if (pending && !pendingByEpoch && readings.step() == event.step() && number >= 0 && Double.isFinite(number)) {
            readings.epoch(number);
        }
    }

    private void put(ScalarStream file, ScalarEvent event, Scalar scalar, double number) {
        boolean byEpoch = scalar.label().startsWith(BY_EPOCH)
                || (scalar.quantity() == Quantity.METRIC && scalar.span() == Scalar.Span.EPOCH);
        if (pending && (byEpoch != pendingByEpoch || !isHere(event, byEpoch) || readings.has(scalar))) {
            complete();
        }
        if (!pending) {
            pending = true;
            pendingByEpoch = byEpoch;
            readings.at(byEpoch ? null : (Long) event.step(), byEpoch ? (Double) (double) event.step() : null);
        }
        pendingFrom.putIfAbsent(file, file.headBegin());
        Long time = millis(event.wallTime());
        if (time != null) {
            readings.time(time);
        }
        readings.put(scalar, number);
    }

    private boolean isHere(ScalarEvent event, boolean byEpoch) {
        return byEpoch ? readings.epoch() == event.step() : readings.step() == event.step();
    }

    private void complete() {
        readyFrom.clear();
        readyFrom.putAll(pendingFrom);
        pendingFrom.clear();
        pending = false;
        Long time = readings.timeMillis();
        for (RunEvent event : readings.take(pendingByEpoch)) {
            ready.add(new LogEntry(event, time, null));
        }
    }

    private void tellFault() throws RecordedRunException {
        for (ScalarStream file : files) {
            if (file.fault() != null && !faultTold) {
                faultTold = true;
                throw file.fault();
            }
        }
    }

    private static Long millis(double seconds) {
        return seconds > SECONDS_SINCE_1970 && seconds < 1000 * SECONDS_SINCE_1970
                ? (Long) (long) (seconds * 1000)
                : null;
    }
}

package dev.gradwatch.recorded;

import dev.gradwatch.detection.event.RunEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The event files of one run as one log, by the times of their events: files that follow each other because a program was started again, and
 * files beside each other because training and validation are written apart.
 *
 * <p>A scalar is an event of its own there; those of one step, or of one epoch for Keras' {@code epoch_...} tags, make one place of the run.
 */
final class EventEntries implements RecordedEntries {

    private static final double SECONDS_SINCE_1970 = 1e9;
    private static final String BY_EPOCH = "epoch_";

    private final List<EventFile> files;
    private final boolean growing;
    private final RunHeader header;
    private final Readings readings = new Readings();
    private final Deque<RecordedEntry> ready = new ArrayDeque<>();
    private final Map<EventFile, Long> pendingFrom = new HashMap<>();
    private final Map<EventFile, Long> readyFrom = new HashMap<>();
    private boolean pending;
    private boolean pendingByEpoch;
    private boolean faultTold;

    EventEntries(List<EventFile> files, boolean growing, boolean stepwise) {
        this.files = files;
        this.growing = growing;
        readings.stepwise(stepwise);
        double start = Double.POSITIVE_INFINITY;
        for (EventFile file : files) {
            start = Double.isNaN(file.firstTime()) ? start : Math.min(start, file.firstTime());
        }
        this.header = new RunHeader(null, 1, millis(start), RunHeader.EMPTY.registration(), null);
    }

    @Override
    public RunHeader header() {
        return header;
    }

    @Override
    public RecordedEntry next() throws IOException, RecordedRunException {
        while (ready.isEmpty()) {
            EventFile first = earliest();
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
    public boolean isBetweenPlaces() {
        return ready.isEmpty();
    }

    @Override
    public Map<Path, Mark> marks() {
        Map<Path, Mark> marks = new HashMap<>();
        for (EventFile file : files) {
            Long held = pendingFrom.get(file);
            if (!ready.isEmpty() && readyFrom.containsKey(file)) {
                held = readyFrom.get(file);
            }
            marks.put(file.path(), new Mark(held == null ? file.headBegin() : held, 0, readings.isStepwise()));
        }
        return marks;
    }

    @Override
    public void close() throws IOException {
        for (EventFile file : files) {
            file.close();
        }
    }

    private EventFile earliest() {
        EventFile earliest = null;
        for (EventFile file : files) {
            if (file.head() != null
                    && (earliest == null
                            || file.head().wallTime() < earliest.head().wallTime())) {
                earliest = file;
            }
        }
        return earliest;
    }

    private void take(EventFile file) throws IOException {
        ScalarEvent event = file.head();
        for (ScalarEvent.Value value : event.values()) {
            Scalar scalar = file.understood(value.tag());
            switch (scalar.meaning()) {
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

    private void put(EventFile file, ScalarEvent event, Scalar scalar, double number) {
        boolean byEpoch = scalar.label().startsWith(BY_EPOCH)
                || (scalar.meaning() == Meaning.METRIC && scalar.span() == Scalar.Span.EPOCH);
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
            ready.add(new RecordedEntry(event, time, null));
        }
    }

    private void tellFault() throws RecordedRunException {
        for (EventFile file : files) {
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

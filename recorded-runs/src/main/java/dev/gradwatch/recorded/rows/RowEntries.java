package dev.gradwatch.recorded.rows;

import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.recorded.log.LogEntries;
import dev.gradwatch.recorded.log.LogEntry;
import dev.gradwatch.recorded.log.LogFile;
import dev.gradwatch.recorded.log.LogPosition;
import dev.gradwatch.recorded.log.MalformedLogException;
import dev.gradwatch.recorded.log.RecordedRunException;
import dev.gradwatch.recorded.log.RunHeader;
import dev.gradwatch.recorded.names.AmbiguousLossException;
import dev.gradwatch.recorded.names.MeasurementGaps;
import dev.gradwatch.recorded.names.NameTable;
import dev.gradwatch.recorded.names.Quantity;
import dev.gradwatch.recorded.names.Scalar;
import dev.gradwatch.recorded.names.Scalar.Part;
import dev.gradwatch.recorded.names.ScalarRow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A log whose records are rows of named numbers. Rows of one place, which is a step or else an epoch, make one place of the run together.
 * What a number stands for, and which of several losses is the run's, is decided by the names in the first rows.
 */
public final class RowEntries implements LogEntries {

    /** Rows that are looked at to learn the names of a log: training, validation and summary rows have been there by then. */
    private static final int FIRST_ROWS = 200;

    private static final double SECONDS_SINCE_1970 = 1e9;
    private static final double MILLIS_SINCE_1970 = 1e12;
    private static final double LARGEST_STEP = 1L << 53;

    private static final String BETWEEN_PARTS = "\u001c";
    private static final String NOTHING_KEPT = BETWEEN_PARTS + BETWEEN_PARTS;

    private final Path file;
    private final boolean growing;
    private final RowReader reader;
    private final NameTable names;
    private final RunHeader header;
    private final Set<String> seen;
    private final Map<String, Scalar> understood = new HashMap<>();
    private final MeasurementGaps gaps;
    private final StepCounter counter;
    private final ScalarRow pending = new ScalarRow();
    private final Deque<LogEntry> ready = new ArrayDeque<>();
    private LogPosition pendingFrom;
    private LogPosition readyFrom;
    private String memory;
    private String pendingMemory;
    private boolean placed;
    private long rows;
    private long lastStep = -1;
    private Double lastEpoch;

    private RowEntries(LogFile file, RowReader reader, NameTable names, RunHeader header, Set<String> seen) {
        this.file = file.file();
        this.growing = file.growing();
        this.reader = reader;
        this.names = names;
        this.header = header;
        this.seen = seen;
        String[] kept = parts(file.from());
        this.counter = new StepCounter(kept[0]);
        this.gaps = new MeasurementGaps(kept[1]);
        this.memory = remembered();
        this.lastStep = counter.lastStep();
        pending.stepwise(file.from().stepwise());
    }

    /** Opens the rows of a log, after a look at the first ones. */
    public static RowEntries open(LogFile file, NameTable names, RowReader.Opening opening)
            throws IOException, RecordedRunException {
        try {
            Set<String> seen = new LinkedHashSet<>();
            RunStarted.Builder run = RunStarted.builder();
            NameTable table = names;
            try (RowReader ahead = opening.open(file.again().open(), LogPosition.START)) {
                table = learn(ahead, names, seen, run);
            } catch (AmbiguousLossException e) {
                throw because(new RecordedRunException(file.file(), 0, e.getMessage(), null), e);
            }
            RunHeader header = new RunHeader(null, 1, null, run.build(), null);
            return new RowEntries(file, opening.open(file.content(), forReader(file.from())), table, header, seen);
        } catch (IOException | RecordedRunException | RuntimeException e) {
            file.content().close();
            throw e;
        }
    }

    private static NameTable learn(RowReader ahead, NameTable names, Set<String> seen, RunStarted.Builder run)
            throws IOException, AmbiguousLossException {
        Map<String, Part> whereOf = new LinkedHashMap<>();
        for (int i = 0; i < FIRST_ROWS; i++) {
            Row row;
            try {
                row = ahead.next();
            } catch (MalformedLogException e) {
                // Told with its line when the row is read.
                continue;
            }
            if (row == null) {
                break;
            }
            row.numbers().forEach((name, value) -> {
                seen.add(name);
                plan(names.read(name, row.where()).quantity(), value, run);
                if (!row.where().isHeldOut()) {
                    whereOf.put(name, row.where());
                }
            });
        }
        ahead.describe(run);
        RowReader.Plan plan = ahead.plan();
        plan(Quantity.PLANNED_STEPS, plan.steps(), run);
        plan(Quantity.PLANNED_EPOCHS, plan.epochs(), run);
        Set<String> all = whereOf.isEmpty() ? seen : whereOf.keySet();
        return names.with(all, Part.UNSAID);
    }

    private static void plan(Quantity quantity, double value, RunStarted.Builder run) {
        if (!(value >= 1 && value <= Integer.MAX_VALUE && value == Math.rint(value))) {
            return;
        }
        if (quantity == Quantity.PLANNED_STEPS) {
            run.plannedSteps((long) value);
        } else if (quantity == Quantity.PLANNED_EPOCHS) {
            run.plannedEpochs((int) value);
        }
    }

    @Override
    public RunHeader header() {
        return new RunHeader(null, 1, null, header.registration(), reader.finished());
    }

    @Override
    public LogEntry next() throws IOException, RecordedRunException {
        try {
            while (ready.isEmpty()) {
                LogPosition before = reader.position();
                Row row = reader.next();
                if (row != null) {
                    take(row, before);
                } else if (growing || pendingFrom == null) {
                    return null;
                } else {
                    complete();
                }
            }
            return ready.remove();
        } catch (MalformedLogException e) {
            RecordedRunException told = e.isCutOff()
                    ? RecordedRunException.cutOff(file, reader.line(), e.getMessage(), e.value())
                    : new RecordedRunException(file, reader.line(), e.getMessage(), e.value());
            throw because(told, e);
        }
    }

    @Override
    public void settle() {
        if (pendingFrom != null) {
            complete();
        }
    }

    @Override
    public long line() {
        return reader.line();
    }

    @Override
    public String lookedFor() {
        return LogEntries.missingNames(seen);
    }

    @Override
    public boolean isBetweenPlaces() {
        return ready.isEmpty();
    }

    @Override
    public Map<Path, LogPosition> marks() {
        LogPosition mark = !ready.isEmpty() ? readyFrom : pendingFrom != null ? pendingFrom : reader.position();
        String remembered = pendingFrom != null && ready.isEmpty() ? pendingMemory : memory;
        String all = remembered + (mark.memory() == null ? "" : mark.memory());
        return Map.of(
                file,
                new LogPosition(
                        mark.offset(), mark.line(), pending.isStepwise(), all.equals(NOTHING_KEPT) ? null : all));
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    private void take(Row row, LogPosition before) throws MalformedLogException {
        if (row.numbers().containsKey("train_runtime")) {
            // The summary of a whole training, whose loss is the mean over it.
            return;
        }
        Map<Scalar, Double> scalars = new LinkedHashMap<>();
        row.numbers().forEach((name, value) -> scalars.put(understood(name, row.where()), value));
        boolean tells = scalars.keySet().stream().anyMatch(RowEntries::isUseful);
        Place place = place(scalars);
        if (!tells && !(place.isStated() && hasMetric(scalars))) {
            return;
        }
        rows++;
        List<Scalar> left = measured(scalars);
        if (left.isEmpty()) {
            return;
        }
        boolean here = pendingFrom != null
                && isHere(place)
                && (!place.isStated() || left.stream().noneMatch(pending::has));
        if (pendingFrom != null && !here) {
            complete();
        }
        if (pendingFrom == null) {
            pendingFrom = before;
            pendingMemory = memory;
            pending.at(place.step(), place.epoch());
        }
        if (pending.epoch() == null) {
            pending.epoch(place.epoch());
        }
        scalars.forEach((scalar, value) -> {
            if (scalar.quantity() == Quantity.TIME) {
                time(value);
            }
        });
        left.forEach(scalar -> pending.put(scalar, scalars.get(scalar)));
        memory = remembered();
    }

    private record Place(Long step, Double epoch, boolean isStated) {}

    private Place place(Map<Scalar, Double> scalars) throws MalformedLogException {
        Double step = null;
        boolean within = false;
        Double epoch = null;
        boolean tellsTraining = false;
        for (Map.Entry<Scalar, Double> entry : scalars.entrySet()) {
            Scalar scalar = entry.getKey();
            if (scalar.quantity() == Quantity.STEP && (step == null || ScalarRow.isGlobalStep(scalar.label()))) {
                step = entry.getValue();
                within = !ScalarRow.isGlobalStep(scalar.label());
            } else if (scalar.quantity() == Quantity.EPOCH) {
                epoch = entry.getValue();
            }
            tellsTraining |= scalar.quantity() == Quantity.LOSS && !scalar.isHeldOut();
        }
        if (step != null && !(step >= 0 && step == Math.rint(step) && step <= LARGEST_STEP)) {
            throw new MalformedLogException("step must be a whole number of 0 or more", step.toString());
        }
        if (epoch != null && !(epoch >= 0 && epoch < Double.POSITIVE_INFINITY)) {
            throw new MalformedLogException("epoch must be a finite number of 0 or more", epoch.toString());
        }
        if (step == null && epoch == null) {
            return placed ? new Place(lastStep < 0 ? null : (Long) lastStep, lastEpoch, false) : counted();
        }
        placed = true;
        if (step == null) {
            lastEpoch = epoch;
            return new Place(null, epoch, true);
        }
        long counted = step.longValue();
        if (!tellsTraining && counted < lastStep) {
            // Some programs count epochs in the rows of an evaluation and steps in all others, or begin to count anew.
            return epoch == null ? new Place(null, (double) counted, true) : new Place(lastStep, epoch, false);
        }
        lastStep = within && epoch != null ? counter.step(epoch, counted) : counted;
        lastEpoch = epoch == null ? lastEpoch : epoch;
        return new Place(lastStep, epoch, true);
    }

    /** Of a log that never says where it is: its rows are epochs. */
    private Place counted() {
        return new Place(null, (double) rows, true);
    }

    private boolean isHere(Place place) {
        if (!place.isStated()) {
            return true;
        }
        return place.step() == null
                ? pending.step() == null && place.epoch().equals(pending.epoch())
                : place.step().equals(pending.step());
    }

    private List<Scalar> measured(Map<Scalar, Double> scalars) {
        boolean trainingIsFinite = hasFiniteLoss(scalars, false);
        boolean heldOutIsFinite = hasFiniteLoss(scalars, true);
        List<Scalar> left = new ArrayList<>();
        scalars.forEach((scalar, value) -> {
            if (gaps.isMeasured(scalar, value, trainingIsFinite, heldOutIsFinite)) {
                left.add(scalar);
            }
        });
        return left;
    }

    /** What this object keeps of the rows before a position; what the reader keeps comes after it. */
    private String remembered() {
        return counter.memory() + BETWEEN_PARTS + gaps.memory() + BETWEEN_PARTS;
    }

    private static String[] parts(LogPosition from) {
        String memory = from.memory() == null ? NOTHING_KEPT : from.memory();
        return memory.split(BETWEEN_PARTS, 3);
    }

    private static LogPosition forReader(LogPosition from) {
        String ofReader = parts(from)[2];
        return new LogPosition(from.offset(), from.line(), from.stepwise(), ofReader.isEmpty() ? null : ofReader);
    }

    private void complete() {
        readyFrom = pendingFrom;
        pendingFrom = null;
        Long time = pending.timeMillis();
        for (RunEvent event : pending.take(pending.step() == null)) {
            ready.add(new LogEntry(event, time, null));
        }
    }

    private void time(double value) {
        if (value > MILLIS_SINCE_1970 && value < 10 * MILLIS_SINCE_1970) {
            pending.time((long) value);
        } else if (value > SECONDS_SINCE_1970 && value < 10 * SECONDS_SINCE_1970) {
            pending.time((long) (value * 1000));
        }
    }

    private Scalar understood(String name, Part where) {
        return understood.computeIfAbsent(where + name, same -> names.read(name, where));
    }

    /** Whether a row has a number that matters. */
    public static boolean tells(Row row, NameTable names) {
        return row.numbers().keySet().stream()
                .map(name -> names.read(name, row.where()))
                .anyMatch(scalar -> isUseful(scalar) || scalar.quantity() == Quantity.NAMED_LOSS);
    }

    private static boolean isUseful(Scalar scalar) {
        return switch (scalar.quantity()) {
            case LOSS, PART_OF_LOSS, ACCURACY, GRADIENT_NORM, LAYER_GRADIENT_NORM -> true;
            default -> false;
        };
    }

    private static boolean hasFiniteLoss(Map<Scalar, Double> scalars, boolean heldOut) {
        return scalars.entrySet().stream()
                .anyMatch(entry -> entry.getKey().quantity() == Quantity.LOSS
                        && entry.getKey().isHeldOut() == heldOut
                        && Double.isFinite(entry.getValue()));
    }

    private static boolean hasMetric(Map<Scalar, Double> scalars) {
        return scalars.keySet().stream().anyMatch(scalar -> scalar.quantity() == Quantity.METRIC);
    }

    private static RecordedRunException because(RecordedRunException told, Exception cause) {
        told.initCause(cause);
        return told;
    }
}

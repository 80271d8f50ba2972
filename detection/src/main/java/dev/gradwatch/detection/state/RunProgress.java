package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.Fields;
import dev.gradwatch.detection.event.EpochCompleted;

/** Where a run is, which events it has had, and what it last reported. */
public final class RunProgress {

    /** Event times that lie back by so much are disorder between publishers' threads and hosts, milliseconds; more is another clock. */
    static final long REORDERED_MILLIS = 60_000;

    private static final long NO_STEP = -1;

    int attempt = 1;
    boolean finished;
    Double trainLoss;
    Double validationLoss;
    Double gradientNorm;
    private Long step;
    private Double epoch;
    private Long firstStep;
    private long records;
    private long lastStepEvent = NO_STEP;
    private Long lastEpochStep;
    private Double lastEpochEpoch;
    private int lastEpochFields;
    private long lastMillis;
    private Long lastHealthyStep;
    private Double lastHealthyEpoch;
    private Long bestStep;
    private long events;
    private long duplicates;
    private long stale;

    /** Whether an event is new in its attempt, and why not. */
    public enum Freshness {
        NEW,
        DUPLICATE,
        STALE
    }

    public int attempt() {
        return attempt;
    }

    /** Whether the attempt said that it ended. */
    public boolean isFinished() {
        return finished;
    }

    public void finish() {
        finished = true;
    }

    /** The last step, or {@code null}. */
    public Long step() {
        return step;
    }

    /** The last epoch, or {@code null}. */
    public Double epoch() {
        return epoch;
    }

    /** Optimizer steps since the first event of the attempt that named one; -1 when none did. */
    public long stepsDone() {
        return step == null || firstStep == null ? -1 : step - firstStep;
    }

    /** How many steps a step lies after the first one that this attempt named. */
    public long stepsSinceStart(long of) {
        return firstStep == null ? of : of - firstStep;
    }

    /** Steps and epochs of this attempt, in events. */
    public long records() {
        return records;
    }

    /** Event time of the last event, milliseconds. */
    public long lastMillis() {
        return lastMillis;
    }

    /** The last step at which nothing was wrong, or {@code null}. */
    public Long lastHealthyStep() {
        return lastHealthyStep;
    }

    /** The last epoch at whose end nothing was wrong, or {@code null}; of runs whose steps are not known. */
    public Double lastHealthyEpoch() {
        return lastHealthyEpoch;
    }

    /** The first step that this attempt named, or {@code null}. */
    public Long firstStep() {
        return firstStep;
    }

    /** The step at which the smoothed training loss was lowest, or {@code null}. */
    public Long bestStep() {
        return bestStep;
    }

    public void markHealthy() {
        lastHealthyStep = step;
        lastHealthyEpoch = epoch;
    }

    public Double lastTrainLoss() {
        return trainLoss;
    }

    public Double lastValidationLoss() {
        return validationLoss;
    }

    public Double lastGradientNorm() {
        return gradientNorm;
    }

    public long events() {
        return events;
    }

    public long duplicates() {
        return duplicates;
    }

    public long stale() {
        return stale;
    }

    /** Counts an event that changes nothing. */
    public void countIgnored(Freshness why) {
        if (why == Freshness.DUPLICATE) {
            duplicates++;
        } else {
            stale++;
        }
    }

    /**
     * Counts an event that is taken in, at its time. The clock of a run may be set back: only small steps back are taken for disorder, so one
     * event with a clock far ahead is forgotten at the next one.
     */
    public void received(long timeMillis) {
        events++;
        boolean reordered = timeMillis < lastMillis && lastMillis - timeMillis <= REORDERED_MILLIS;
        lastMillis = reordered ? lastMillis : timeMillis;
    }

    /** Steps rise in an attempt; anything else was seen or comes too late. */
    public Freshness freshnessOfStep(long candidate) {
        if (candidate > lastStepEvent) {
            lastStepEvent = candidate;
            return Freshness.NEW;
        }
        return candidate == lastStepEvent ? Freshness.DUPLICATE : Freshness.STALE;
    }

    /**
     * Epochs rise in an attempt, by step where they carry one. At the same place an event is new only when it brings a field that was not
     * there yet: some publishers report training and validation apart.
     */
    public Freshness freshnessOf(EpochCompleted candidate) {
        int order = compare(candidate);
        int fields = fields(candidate);
        if (order < 0) {
            return Freshness.STALE;
        }
        if (order == 0 && (fields & ~lastEpochFields) == 0) {
            return Freshness.DUPLICATE;
        }
        lastEpochFields = order == 0 ? lastEpochFields | fields : fields;
        lastEpochStep = candidate.step() == null ? lastEpochStep : candidate.step();
        lastEpochEpoch = isPlace(candidate.epoch()) ? candidate.epoch() : lastEpochEpoch;
        return Freshness.NEW;
    }

    private int compare(EpochCompleted candidate) {
        if (candidate.step() != null && lastEpochStep != null) {
            return candidate.step().compareTo(lastEpochStep);
        }
        if (isPlace(candidate.epoch()) && lastEpochEpoch != null) {
            return candidate.epoch().compareTo(lastEpochEpoch);
        }
        return 1;
    }

    /** NaN or infinity says nothing of where the run is, and must not make every later epoch stale. */
    private static boolean isPlace(Double epoch) {
        return epoch != null && Double.isFinite(epoch);
    }

    private static int fields(EpochCompleted e) {
        return (e.trainLoss() == null ? 0 : 1)
                | (e.validationLoss() == null ? 0 : 2)
                | (e.trainAccuracy() == null ? 0 : 4)
                | (e.validationAccuracy() == null ? 0 : 8)
                | (e.gradientNorm() == null ? 0 : 16);
    }

    void advance(Long toStep, Double toEpoch) {
        records++;
        finished = false;
        if (toStep != null) {
            // The larger of the two as it is, so that nothing is boxed anew.
            step = step == null || toStep > step ? toStep : step;
            if (firstStep == null) {
                firstStep = toStep;
            }
        }
        if (toEpoch != null && Double.isFinite(toEpoch)) {
            epoch = epoch == null || toEpoch > epoch ? toEpoch : epoch;
        }
    }

    void markBest() {
        bestStep = step;
    }

    void startAttempt(int newAttempt) {
        attempt = newAttempt;
        finished = false;
        lastMillis = 0;
        step = null;
        epoch = null;
        firstStep = null;
        records = 0;
        lastStepEvent = NO_STEP;
        lastEpochStep = null;
        lastEpochEpoch = null;
        lastEpochFields = 0;
        lastHealthyStep = null;
        lastHealthyEpoch = null;
        bestStep = null;
        trainLoss = null;
        validationLoss = null;
        gradientNorm = null;
    }

    void exchange(Fields fields) {
        attempt = (int) fields.varint(attempt);
        finished = fields.flag(finished);
        trainLoss = fields.numberOrNull(trainLoss);
        validationLoss = fields.numberOrNull(validationLoss);
        gradientNorm = fields.numberOrNull(gradientNorm);
        step = fields.varintOrNull(step);
        epoch = fields.numberOrNull(epoch);
        firstStep = fields.varintOrNull(firstStep);
        records = fields.varint(records);
        Long stepEvent = fields.varintOrNull(lastStepEvent == NO_STEP ? null : (Long) lastStepEvent);
        lastStepEvent = stepEvent == null ? NO_STEP : stepEvent;
        lastEpochStep = fields.varintOrNull(lastEpochStep);
        lastEpochEpoch = fields.numberOrNull(lastEpochEpoch);
        lastEpochFields = (int) fields.varint(lastEpochFields);
        lastMillis = fields.varint(lastMillis);
        lastHealthyStep = fields.varintOrNull(lastHealthyStep);
        events = fields.varint(events);
        duplicates = fields.varint(duplicates);
        stale = fields.varint(stale);
    }

    /** What came later to the stored form, behind all that its section held before. */
    void exchangeMore(Fields fields) {
        bestStep = fields.hasMore() ? fields.varintOrNull(bestStep) : null;
        lastHealthyEpoch = fields.hasMore() ? fields.numberOrNull(lastHealthyEpoch) : null;
    }
}

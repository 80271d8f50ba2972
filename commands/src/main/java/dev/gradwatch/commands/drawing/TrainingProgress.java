package dev.gradwatch.commands.drawing;

import java.util.ArrayList;
import java.util.List;

/**
 * The way of a run through its steps and epochs. Every attempt goes on where the one before ended, so that one which starts again is drawn
 * beside the first and not over it.
 */
public final class TrainingProgress {

    private static final int MOST_TURNS = 100;

    private final List<ProgressPoint> turns = new ArrayList<>();
    private ProgressPoint place = ProgressPoint.START;
    private long withStep;
    private long withEpoch;
    private Long firstStep;
    private Double firstEpoch;
    private Long lastStep;
    private Double lastEpoch;
    private boolean turned;

    /** Begins an attempt; the first needs no call. */
    void turn() {
        if (withStep + withEpoch > 0 && turns.size() < MOST_TURNS) {
            turns.add(place);
        }
        turned = true;
    }

    /** Passes a record at this step and epoch, each {@code null} when the record does not say. */
    void pass(Long step, Double epoch) {
        double steps = place.steps();
        double epochs = place.epochs();
        if (step != null) {
            steps += turned || lastStep == null ? 0 : Math.max(0, step - lastStep);
            firstStep = firstStep == null ? step : firstStep;
            lastStep = turned || lastStep == null ? step : Long.valueOf(Math.max(step, lastStep));
            withStep++;
        }
        if (epoch != null) {
            epochs += turned || lastEpoch == null ? 0 : Math.max(0, epoch - lastEpoch);
            firstEpoch = firstEpoch == null ? epoch : firstEpoch;
            lastEpoch = turned || lastEpoch == null ? epoch : Double.valueOf(Math.max(epoch, lastEpoch));
            withEpoch++;
        }
        turned = false;
        if (steps != place.steps() || epochs != place.epochs()) {
            place = new ProgressPoint(steps, epochs);
        }
    }

    public ProgressPoint place() {
        return place;
    }

    /** Where later attempts began. */
    List<ProgressPoint> turns() {
        return List.copyOf(turns);
    }

    /** Whether the run is better measured in steps than in epochs. */
    public boolean isInSteps() {
        return withStep > 0 && (2 * withStep >= withEpoch || place.epochs() == 0);
    }

    public Long firstStep() {
        return firstStep;
    }

    public Long lastStep() {
        return lastStep;
    }

    public Double firstEpoch() {
        return firstEpoch;
    }

    public Double lastEpoch() {
        return lastEpoch;
    }

    /** Where a place lies between the run's first record, 0, and its last, 1. */
    double share(ProgressPoint at) {
        double way = isInSteps() ? place.steps() : place.epochs();
        double gone = isInSteps() ? at.steps() : at.epochs();
        return way > 0 ? Math.min(1, gone / way) : 0;
    }
}

package dev.gradwatch.commands;

import java.util.ArrayList;
import java.util.List;

/**
 * The way of a run through its steps and epochs. Every attempt goes on where the one before ended, so that one which starts again is drawn
 * beside the first and not over it.
 */
final class Course {

    private static final int MOST_TURNS = 100;

    private final List<Place> turns = new ArrayList<>();
    private Place place = Place.START;
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
            place = new Place(steps, epochs);
        }
    }

    Place place() {
        return place;
    }

    /** Where later attempts began. */
    List<Place> turns() {
        return List.copyOf(turns);
    }

    /** Whether the run is better measured in steps than in epochs. */
    boolean isInSteps() {
        return withStep > 0 && (2 * withStep >= withEpoch || place.epochs() == 0);
    }

    Long firstStep() {
        return firstStep;
    }

    Long lastStep() {
        return lastStep;
    }

    Double firstEpoch() {
        return firstEpoch;
    }

    Double lastEpoch() {
        return lastEpoch;
    }

    /** Where a place lies between the run's first record, 0, and its last, 1. */
    double share(Place at) {
        double way = isInSteps() ? place.steps() : place.epochs();
        double gone = isInSteps() ? at.steps() : at.epochs();
        return way > 0 ? Math.min(1, gone / way) : 0;
    }
}

package dev.gradwatch.commands.alerts;

import dev.gradwatch.commands.drawing.ProgressPoint;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Position;

/**
 * An alert in its final state. A rule on epochs does not know the step and the other way round; where it opened and ended is filled up
 * from the run's last known place.
 *
 * @param ended {@code null} while it is open
 * @param place how far the run had come when it opened
 */
public record FinalAlert(Alert alert, Position opened, Position ended, ProgressPoint place) {

    /** Whether it was over before the run or its attempt ended: the run recovered, or another alert took over. */
    public boolean isOver() {
        return alert.state() == AlertState.RESOLVED || alert.state() == AlertState.SUPERSEDED;
    }
}

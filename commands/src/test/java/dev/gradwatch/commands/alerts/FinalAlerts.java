package dev.gradwatch.commands.alerts;

import dev.gradwatch.commands.drawing.ProgressPoint;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.alert.Recovery;
import dev.gradwatch.detection.alert.Severity;
import java.util.List;

/** Alerts that no detector had to say. */
public final class FinalAlerts {

    private FinalAlerts() {}

    /**
     * An alert in its last state.
     *
     * @param end the step where it was over; {@code null}: it never was
     */
    public static FinalAlert seen(String detector, Severity severity, long step, double epoch, Long end) {
        Position opened = new Position(1, step, epoch);
        Position ended = end == null ? null : new Position(2, end, epoch);
        Alert alert = new Alert(
                detector + step,
                1,
                end == null ? AlertState.OPENED : AlertState.RESOLVED,
                "run",
                1,
                detector,
                severity,
                "Something was seen " + "and described at some length ".repeat(3) + "in plain words.",
                opened,
                opened,
                ended,
                List.of(),
                List.of("loss-spike"),
                List.of(
                        new ProbableCause(
                                "corrupt-batch",
                                0.5,
                                List.of("the batch at this step is 33 times larger than those before it"),
                                List.of("the one after it is not"),
                                "inspect the batch at this step, and skip or repair it"),
                        new ProbableCause("unstable-gradients", 0.3, List.of(), List.of("they are calm"), "clip")),
                List.of("per-layer norms (would tell dead layers and saturation apart)", "the learning rate"),
                false,
                step - 1,
                2.0,
                Recovery.goOn(end == null ? Recovery.Reason.MAY_PASS : Recovery.Reason.RECOVERED),
                null,
                List.of());
        return new FinalAlert(alert, opened, ended, new ProgressPoint(step, epoch));
    }
}

package dev.gradwatch.detection.detector.run;

import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.detector.AlertMessage;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.Detector;
import dev.gradwatch.detection.detector.DetectorSettings;
import dev.gradwatch.detection.detector.FaultEffect;
import dev.gradwatch.detection.detector.FindingReporter;
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.detector.Subject;
import dev.gradwatch.detection.detector.SymptomTrait;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;

/**
 * The run went quiet without saying that it ended.
 *
 * <p>Rule: nothing for 10 x the gap that 99 of 100 of the run's records stay below, and for 120 s at least, is a warning; three times as long
 * is critical. 1800 s while fewer than eight gaps are known. Time is the watcher's own, from when the run's last record was processed, never
 * the publisher's: a broker that was down makes no run silent. Any record of the run ends it.
 *
 * <p>A run whose end nobody announces, such as one whose log is followed, gets a note instead: most logs just end.
 *
 * <p>Source: SageMaker Debugger's StalledTrainingRule uses a fixed 1800 s. Known false alarms: evaluations that take far longer than any
 * before and send no heartbeat.
 */
public final class SilentRunDetector implements Detector {

    public static final String ID = "silent-run";

    private static final Parameter LEAST_SECONDS =
            new Parameter("least-seconds", 120, 1, 1e6, "seconds", "Shorter silence is never told.");
    private static final Parameter UNKNOWN_SECONDS = new Parameter(
            "unknown-seconds", 1800, 1, 1e6, "seconds", "Silence to be told while the run's habit is not known.");
    private static final Parameter FACTOR = new Parameter(
            "factor", 10, 1, 1e6, "x the usual gap", "Silence to be told, as a multiple of the 99 % gap.");
    private static final Parameter CRITICAL_FACTOR = new Parameter(
            "critical-factor", 3, 1, 1e3, "x the limit", "Silence that is critical, as a multiple of the limit.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Silent run")
            .summary("Nothing was heard of a run for far longer than its habit, and it did not say that it ended.")
            .severities(Severity.INFO, Severity.WARNING, Severity.CRITICAL)
            .about(Subject.MACHINE, SymptomTrait.SILENCE)
            .suggests(
                    CauseCode.LAUNCH_FAILURE,
                    0.9,
                    "no step or epoch was ever published",
                    run -> run.progress().records() == 0)
            .suggests(
                    CauseCode.INFRASTRUCTURE_FAULT,
                    0.6,
                    "steps or epochs were published before",
                    run -> run.progress().records() > 0 && announcesEnd(run))
            .mayRecommendStop()
            .parameters(LEAST_SECONDS, UNKNOWN_SECONDS, FACTOR, CRITICAL_FACTOR)
            .affecting(FaultEffect.of(FaultEffect.Kind.OUTSIDE_THE_MODEL))
            .build();

    /** Gaps between records from which the usual gap can be told. Set by eye on recorded runs. */
    private static final int KNOWN_GAPS = 8;

    private final double leastSeconds;
    private final double unknownSeconds;
    private final double factor;
    private final double criticalFactor;

    public SilentRunDetector(DetectorSettings settings) {
        leastSeconds = settings.get(ID, LEAST_SECONDS);
        unknownSeconds = settings.get(ID, UNKNOWN_SECONDS);
        factor = settings.get(ID, FACTOR);
        criticalFactor = settings.get(ID, CRITICAL_FACTOR);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return 0;
    }

    @Override
    public void examine(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        long silent = now.silentMillis();
        if (silent < 0) {
            reporter.clears();
            return;
        }
        double limit = limitMillis(run);
        if (run.progress().isFinished() || silent < limit) {
            return;
        }
        if (!announcesEnd(run)) {
            if (reporter.fires(Severity.INFO)) {
                reporter.report(AlertMessage.of("No new records for " + NumberText.number(Math.rint(silent / 1000.0))
                                + " s: the run has finished or was stopped.")
                        .with("observed", silent / 1000.0, "seconds")
                        .with("threshold", limit / 1000, "seconds"));
            }
            return;
        }
        if (reporter.fires(silent >= criticalFactor * limit ? Severity.CRITICAL : Severity.WARNING)) {
            boolean neverTrained = run.progress().records() == 0;
            String seconds = NumberText.number(Math.rint(silent / 1000.0));
            reporter.report(AlertMessage.of(
                            neverTrained
                                    ? "The run was registered " + seconds + " s ago and has not trained a step since."
                                    : "Nothing was heard of the run for " + seconds + " s.")
                    .with("observed", silent / 1000.0, "seconds")
                    .with("threshold", limit / 1000, "seconds")
                    .with("usual-gap", run.reportingInterval().usualMillis() / 1000, "seconds"));
        }
    }

    @Override
    public long silenceLimitMillis(RunState run) {
        if (run.progress().isFinished()) {
            return Long.MAX_VALUE;
        }
        var open = run.alerts().open(ID);
        if (open == null) {
            return (long) Math.ceil(limitMillis(run));
        }
        return open.last().severity() == Severity.CRITICAL || !announcesEnd(run)
                ? Long.MAX_VALUE
                : (long) Math.ceil(criticalFactor * limitMillis(run));
    }

    private static boolean announcesEnd(RunState run) {
        return run.registration() == null || run.registration().announcesEnd();
    }

    private double limitMillis(RunState run) {
        return 1000
                * (run.reportingInterval().gaps() < KNOWN_GAPS
                        ? unknownSeconds
                        : Math.max(
                                leastSeconds, factor * run.reportingInterval().usualMillis() / 1000));
    }
}

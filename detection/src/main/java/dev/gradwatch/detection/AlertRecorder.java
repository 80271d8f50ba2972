package dev.gradwatch.detection;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.alert.Recovery;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.detector.AlertMessage;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.FaultEffect;
import dev.gradwatch.detection.diagnosis.DiagnosisWeights;
import dev.gradwatch.detection.diagnosis.Diagnostician;
import dev.gradwatch.detection.diagnosis.RecoveryAdvisor;
import dev.gradwatch.detection.state.OpenAlert;
import dev.gradwatch.detection.state.RunState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Writes the records of alerts: each with a diagnosis and a recovery of its moment, and keeps the run's history of alerts in step with them.
 * Reused for every run of one {@link AlertLifecycle}; not thread-safe.
 */
final class AlertRecorder {

    private final Map<String, CatalogueEntry> entries;
    private final Diagnostician diagnostician;
    private final RecoveryAdvisor advisor = new RecoveryAdvisor();

    private RunState run;
    private Consumer<Alert> out;
    private long nowMillis;

    AlertRecorder(Map<String, CatalogueEntry> entries, DiagnosisWeights weights) {
        this.entries = entries;
        diagnostician = new Diagnostician(List.copyOf(entries.values()), weights);
    }

    void begin(RunState newRun, long timeMillis, Consumer<Alert> newOut) {
        run = newRun;
        nowMillis = timeMillis;
        out = newOut;
    }

    /** Moves on to another time of the same run. */
    void at(long timeMillis) {
        nowMillis = timeMillis;
    }

    /** Opens an alert, which takes over others; those end first, so that no detector has two. */
    void open(String detector, Severity severity, AlertMessage message, List<OpenAlert> takenOver) {
        Position position = position();
        String id = id(detector, position);
        boolean stop = severity == Severity.CRITICAL
                && takenOver.stream().anyMatch(alert -> alert.last().stopRecommended());
        supersede(takenOver, id);
        List<String> symptoms = symptoms(detector, List.of(), takenOver);
        Recovery recovery = advisor.advise(run, effect(detector), null);
        Alert opened = new Alert(
                id,
                1,
                AlertState.OPENED,
                run.runId(),
                run.progress().attempt(),
                detector,
                severity,
                message.summary(),
                position,
                position,
                null,
                message.evidence(),
                symptoms,
                diagnostician.diagnose(run, detector, symptoms),
                diagnostician.missing(run, detector),
                stop,
                advisor.lastHealthyStep(run, effect(detector), recovery, null),
                bestEpoch(),
                recovery,
                null,
                ids(List.of(), takenOver));
        run.alerts().add(opened);
        out.accept(opened);
    }

    /** Says again what an open alert sees, with a severity that may have risen and others that it takes over by that. */
    void revise(
            OpenAlert open,
            AlertState state,
            Severity severity,
            AlertMessage message,
            boolean stop,
            List<OpenAlert> takenOver) {
        Alert last = open.last();
        boolean inherited = severity == Severity.CRITICAL
                && takenOver.stream().anyMatch(alert -> alert.last().stopRecommended());
        supersede(takenOver, last.id());
        List<String> symptoms = symptoms(last.detector(), last.symptoms(), takenOver);
        publish(
                open,
                diagnosed(last.next(state, position()), last, symptoms)
                        .severity(severity)
                        .message(message.summary(), message.evidence())
                        .supersedes(ids(last.supersedes(), takenOver))
                        .stopRecommended(stop || inherited));
    }

    /** Adds a detector's symptom to an alert that explains it. */
    void addSymptom(OpenAlert open, String detector) {
        Alert last = open.last();
        List<String> symptoms = new ArrayList<>(last.symptoms());
        symptoms.add(detector);
        publish(open, diagnosed(last.next(AlertState.UPDATED, position()), last, symptoms));
    }

    /**
     * Diagnoses an open alert anew, and says so where another cause has become the most probable one, where it has become much more or
     * less so, or where something else is to be done with the weights.
     *
     * @param change how much the confidence in the first cause must change to be worth a record
     */
    void review(OpenAlert open, double change) {
        Alert last = open.last();
        List<ProbableCause> causes = diagnostician.diagnose(run, last.detector(), last.symptoms());
        if (isOtherCause(last.causes(), causes, change) || isOtherRecovery(last)) {
            publish(
                    open,
                    last.next(AlertState.UPDATED, position())
                            .diagnosis(causes, diagnostician.missing(run, last.detector())));
        }
    }

    /** Whether another cause comes first, or the first one is much more or less probable. A stored alert may have none. */
    private static boolean isOtherCause(List<ProbableCause> before, List<ProbableCause> now, double change) {
        return before.isEmpty()
                || !now.get(0).code().equals(before.get(0).code())
                || Math.abs(now.get(0).confidence() - before.get(0).confidence()) >= change;
    }

    /** Alerts that an earlier version stored know of no recovery; that they learn of one is no news. */
    private boolean isOtherRecovery(Alert last) {
        Recovery.Action before = last.recovery().action();
        return before != Recovery.Action.UNKNOWN && before != recovery(last).action();
    }

    /** Ends an alert because the run recovered from it. */
    void resolve(OpenAlert open) {
        Alert last = open.last();
        end(
                open,
                last.next(AlertState.RESOLVED, position())
                        .recovery(Recovery.goOn(Recovery.Reason.RECOVERED), last.lastHealthyStep(), bestEpoch()));
    }

    /** Ends an alert because its attempt ended. */
    void close(OpenAlert open) {
        end(open, recovering(open.last().next(AlertState.CLOSED, position()), open.last()));
    }

    private void supersede(List<OpenAlert> takenOver, String by) {
        for (OpenAlert alert : takenOver) {
            Alert last = alert.last();
            end(
                    alert,
                    recovering(last.next(AlertState.SUPERSEDED, position()), last)
                            .supersededBy(by));
        }
    }

    private void end(OpenAlert open, Alert.Next next) {
        run.alerts().remove(open);
        out.accept(next.ended().build());
    }

    private void publish(OpenAlert open, Alert.Next next) {
        Alert published = recovering(next, open.last()).build();
        open.update(published);
        out.accept(published);
    }

    private Alert.Next diagnosed(Alert.Next next, Alert last, List<String> symptoms) {
        return next.symptoms(symptoms)
                .diagnosis(
                        diagnostician.diagnose(run, last.detector(), symptoms),
                        diagnostician.missing(run, last.detector()));
    }

    private Alert.Next recovering(Alert.Next next, Alert last) {
        Recovery recovery = recovery(last);
        Long step = advisor.lastHealthyStep(run, effect(last.detector()), recovery, last.lastHealthyStep());
        return next.recovery(recovery, step, bestEpoch());
    }

    private Recovery recovery(Alert last) {
        return advisor.advise(run, effect(last.detector()), last.lastHealthyStep());
    }

    private FaultEffect effect(String detector) {
        CatalogueEntry entry = entries.get(detector);
        // A stored alert may be of a detector that a later version no longer has.
        return entry == null ? FaultEffect.of(FaultEffect.Kind.UNKNOWN) : entry.effect();
    }

    /** Detectors whose alerts were taken over saw the same fault, and so did those behind them. */
    private static List<String> symptoms(String detector, List<String> known, List<OpenAlert> takenOver) {
        Set<String> all = new LinkedHashSet<>(known);
        for (OpenAlert alert : takenOver) {
            all.add(alert.last().detector());
            all.addAll(alert.last().symptoms());
        }
        all.remove(detector);
        return List.copyOf(all);
    }

    private static List<String> ids(List<String> known, List<OpenAlert> takenOver) {
        List<String> all = new ArrayList<>(known);
        takenOver.forEach(alert -> all.add(alert.last().id()));
        return all;
    }

    /** The same after any crash, restart or replay. */
    private String id(String detector, Position position) {
        int ordinal = run.alerts().openings(detector) + 1;
        String name = run.runId()
                + '\n'
                + run.progress().attempt()
                + '\n'
                + detector
                + '\n'
                + ordinal
                + '\n'
                + position.step()
                + '\n'
                + position.epoch();
        return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private Position position() {
        return new Position(nowMillis, run.progress().step(), run.progress().epoch());
    }

    private Double bestEpoch() {
        double epoch = run.validation().bestEpoch();
        return Double.isNaN(epoch) ? null : (Double) epoch;
    }
}

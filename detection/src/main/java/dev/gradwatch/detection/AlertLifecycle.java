package dev.gradwatch.detection;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.detector.AlertMessage;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.FindingReporter;
import dev.gradwatch.detection.diagnosis.DiagnosisWeights;
import dev.gradwatch.detection.diagnosis.Diagnostician;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.AlertHistory;
import dev.gradwatch.detection.state.OpenAlert;
import dev.gradwatch.detection.state.RunState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The life of alerts: turns what detectors say into alerts that open, escalate, repeat and end. At most one is open for each detector. A
 * symptom that a stronger open alert explains is added to that alert instead of opening one of its own. A note that becomes a warning
 * ends, and the warning opens at its own time. Reused for every run of one {@link RunWatch}; not thread-safe.
 */
final class AlertLifecycle implements FindingReporter {

    /** An open alert is repeated at most this often, by event time. */
    private static final long REPEAT_MILLIS = 30 * 60 * 1000L;

    /** A run that opens more than this has said enough. */
    private static final int MOST_PER_RUN = 50;

    /** A diagnosis is looked at anew only in an alert with fewer records than this. */
    private static final int MOST_REVISIONS = 20;

    /** How much the confidence in the first cause must change to be worth a record. */
    private static final double CONFIDENCE_CHANGE = 0.2;

    /** Seen twice is confirmed. */
    private static final int CONFIRMED = 2;

    private final Map<String, CatalogueEntry> entries;
    private final Diagnostician diagnostician;
    private final List<String> suspected = new ArrayList<>();

    private RunState run;
    private String detector;
    private Consumer<Alert> out;
    private Severity announced;
    private long nowMillis;

    AlertLifecycle(List<CatalogueEntry> entries, DiagnosisWeights weights) {
        this.entries = entries.stream().collect(Collectors.toMap(CatalogueEntry::id, Function.identity()));
        diagnostician = new Diagnostician(entries, weights);
    }

    void begin(RunState newRun, long timeMillis, Consumer<Alert> newOut) {
        run = newRun;
        nowMillis = timeMillis;
        out = newOut;
        suspected.clear();
    }

    /** Moves on to an event at another time of the same run. */
    void at(long timeMillis) {
        nowMillis = timeMillis;
        if (!suspected.isEmpty()) {
            suspected.clear();
        }
    }

    void examining(String newDetector) {
        detector = newDetector;
        announced = null;
    }

    /** Ends every open alert because the attempt ended. */
    void closeAll() {
        for (OpenAlert alert : run.alerts().open()) {
            end(alert, AlertState.CLOSED);
        }
    }

    @Override
    public boolean fires(Severity severity) {
        AlertHistory history = run.alerts();
        OpenAlert open = history.open(detector);
        if (open != null && !open.last().severity().isPaging() && severity.isPaging() && !isExplained()) {
            end(open, AlertState.RESOLVED);
            open = null;
        }
        if (open != null) {
            return confirm(open, severity);
        }
        if (isExplained()) {
            addSymptom();
            return false;
        }
        if (history.opened() >= MOST_PER_RUN) {
            return false;
        }
        announced = severity;
        return true;
    }

    private boolean confirm(OpenAlert open, Severity severity) {
        Alert last = open.last();
        if (!last.severity().isPaging() && severity.isPaging()) {
            // Here only when explained: the note stays a note, and the stronger alert gets the symptom.
            addSymptom();
            return false;
        }
        open.confirm();
        boolean graver = severity.compareTo(last.severity()) > 0;
        boolean due = nowMillis - last.updated().timeMillis() >= REPEAT_MILLIS;
        boolean stop = !last.stopRecommended() && stops(open, graver ? severity : last.severity());
        if (!graver && !due && !stop) {
            return false;
        }
        announced = graver ? severity : last.severity();
        return true;
    }

    @Override
    public boolean notes() {
        AlertHistory history = run.alerts();
        if (history.open(detector) != null || history.openings(detector) > 0 || history.opened() >= MOST_PER_RUN) {
            return false;
        }
        if (isExplained()) {
            return false;
        }
        announced = Severity.INFO;
        return true;
    }

    @Override
    public void report(AlertMessage message) {
        if (announced == null) {
            throw new IllegalStateException(detector + " says what it did not announce");
        }
        OpenAlert open = run.alerts().open(detector);
        if (open == null) {
            Alert alert = opened(message);
            run.alerts().add(alert);
            out.accept(alert);
        } else {
            boolean graver = announced.compareTo(open.last().severity()) > 0;
            revise(open, graver ? AlertState.ESCALATED : AlertState.UPDATED, announced, message);
        }
        announced = null;
    }

    @Override
    public void clears() {
        OpenAlert open = run.alerts().open(detector);
        if (open != null) {
            end(open, AlertState.RESOLVED);
        }
    }

    @Override
    public void suspects() {
        suspected.add(detector);
    }

    @Override
    public boolean isSuspected(String other) {
        return !suspected.isEmpty() && suspected.contains(other);
    }

    @Override
    public boolean isPaging(String other) {
        return !run.alerts().isEmpty() && run.alerts().isPaging(other);
    }

    @Override
    public boolean isExplained() {
        return stronger() != null;
    }

    private OpenAlert stronger() {
        if (run.alerts().isEmpty()) {
            return null;
        }
        for (OpenAlert open : run.alerts().open()) {
            if (open.last().severity().isPaging()
                    && entries.get(detector).yieldsTo().contains(open.last().detector())) {
                return open;
            }
        }
        return null;
    }

    private void addSymptom() {
        OpenAlert open = stronger();
        if (open == null || open.last().symptoms().contains(detector)) {
            return;
        }
        Alert last = open.last();
        List<String> symptoms = new ArrayList<>(last.symptoms());
        symptoms.add(detector);
        publish(
                open,
                last.next(AlertState.UPDATED, position())
                        .symptoms(symptoms)
                        .diagnosis(
                                diagnostician.diagnose(run, last.detector(), symptoms),
                                diagnostician.missing(run, last.detector())));
    }

    private Alert opened(AlertMessage message) {
        int ordinal = run.alerts().openings(detector) + 1;
        Position position = position();
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
        return new Alert(
                UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString(),
                1,
                AlertState.OPENED,
                run.runId(),
                run.progress().attempt(),
                detector,
                announced,
                message.summary(),
                position,
                position,
                null,
                message.evidence(),
                List.of(),
                diagnostician.diagnose(run, detector, List.of()),
                diagnostician.missing(run, detector),
                false,
                diagnostician.lastHealthyStep(run, detector),
                bestEpoch());
    }

    private void revise(OpenAlert open, AlertState state, Severity severity, AlertMessage message) {
        Alert last = open.last();
        publish(
                open,
                last.next(state, position())
                        .severity(severity)
                        .message(message.summary(), message.evidence())
                        .diagnosis(
                                diagnostician.diagnose(run, detector, last.symptoms()),
                                diagnostician.missing(run, detector))
                        .stopRecommended(last.stopRecommended() || stops(open, severity)));
    }

    /**
     * Diagnoses what is open anew, and says so where another cause has become the most probable one, or where it has become much more or
     * less so.
     */
    void review() {
        for (OpenAlert open : run.alerts().open()) {
            Alert last = open.last();
            CatalogueEntry entry = entries.get(last.detector());
            // An alert that was stored may be of a detector that this version no longer has.
            if (entry == null
                    || entry.diagnosedOnce()
                    || !last.severity().isPaging()
                    || last.revision() >= MOST_REVISIONS) {
                continue;
            }
            List<ProbableCause> causes = diagnostician.diagnose(run, last.detector(), last.symptoms());
            ProbableCause before = last.causes().get(0);
            ProbableCause now = causes.get(0);
            if (!now.code().equals(before.code())
                    || Math.abs(now.confidence() - before.confidence()) >= CONFIDENCE_CHANGE) {
                publish(
                        open,
                        last.next(AlertState.UPDATED, position())
                                .diagnosis(causes, diagnostician.missing(run, last.detector())));
            }
        }
    }

    private void end(OpenAlert open, AlertState state) {
        Alert ended = open.last()
                .next(state, position())
                .ended()
                .bestEpoch(bestEpoch())
                .build();
        run.alerts().remove(open);
        out.accept(ended);
    }

    private void publish(OpenAlert open, Alert.Next next) {
        Alert published = next.bestEpoch(bestEpoch()).build();
        open.update(published);
        out.accept(published);
    }

    private boolean stops(OpenAlert open, Severity severity) {
        RunStarted registration = run.registration();
        return severity == Severity.CRITICAL
                && open.confirmations() >= CONFIRMED
                && entries.get(detector).mayRecommendStop()
                && registration != null
                && registration.stopOn().contains(detector)
                && !run.learningRate().rising();
    }

    private Position position() {
        return new Position(nowMillis, run.progress().step(), run.progress().epoch());
    }

    private Double bestEpoch() {
        double epoch = run.validation().bestEpoch();
        return Double.isNaN(epoch) ? null : (Double) epoch;
    }
}

package dev.gradwatch.detection;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.detector.AlertMessage;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.FindingReporter;
import dev.gradwatch.detection.detector.SymptomTrait;
import dev.gradwatch.detection.diagnosis.DiagnosisWeights;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.AlertHistory;
import dev.gradwatch.detection.state.OpenAlert;
import dev.gradwatch.detection.state.RunState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The life of alerts: turns what detectors say into alerts that open, escalate, repeat and end. At most one is open for each detector.
 *
 * <p>One fault tells one story. A symptom that a stronger open alert explains is added to that alert instead of opening one of its own, and
 * what opened before a stronger alert is superseded by it. A note that becomes a warning is superseded by the warning, which opens at its own
 * time. An alert whose sign disappears because the network is dead has not been resolved: it stays open until the alert that says so takes
 * over. So opened = resolved + closed + superseded + open, for every detector.
 *
 * <p>Reused for every run of one {@link RunWatch}; not thread-safe.
 */
final class AlertLifecycle implements FindingReporter {

    /** Milliseconds of event time: an open alert is repeated at most this often. */
    private static final long REPEAT_MILLIS = 30 * 60 * 1000L;

    /** Notes that an attempt opens at most. As good as every detector that makes notes may make its one. */
    static final int NOTES_PER_ATTEMPT = 20;

    /** Warnings that an attempt opens at most. A run that recovers and fails again so often needs a person, not more of the same. */
    static final int WARNINGS_PER_ATTEMPT = 50;

    /** A diagnosis is looked at anew only in an alert with fewer records than this. */
    private static final int MOST_REVISIONS = 20;

    /** How much the confidence in the first cause must change to be worth a record. */
    private static final double CONFIDENCE_CHANGE = 0.2;

    /** Seen twice is confirmed. */
    private static final int CONFIRMED = 2;

    private final Map<String, CatalogueEntry> entries;
    private final AlertRecorder recorder;

    /**
     * For each detector of a rising loss, those that tell that the network is dead: a loss also falls back because nothing moves any more. Other
     * symptoms end only by something that moves.
     */
    private final Map<String, List<String>> deadNetwork = new HashMap<>();

    private final List<String> suspected = new ArrayList<>();

    private RunState run;
    private String detector;
    private Severity announced;
    private long nowMillis;

    AlertLifecycle(List<CatalogueEntry> catalogue, DiagnosisWeights weights) {
        entries = catalogue.stream().collect(Collectors.toMap(CatalogueEntry::id, Function.identity()));
        recorder = new AlertRecorder(entries, weights);
        for (CatalogueEntry dead : catalogue) {
            if (dead.effect().stopsLearning()) {
                for (String stronger : dead.yieldsTo()) {
                    if (!entries.get(stronger).has(SymptomTrait.LOSS_RISE)) {
                        continue;
                    }
                    deadNetwork
                            .computeIfAbsent(stronger, id -> new ArrayList<>(2))
                            .add(dead.id());
                }
            }
        }
    }

    void begin(RunState newRun, long timeMillis, Consumer<Alert> out) {
        run = newRun;
        nowMillis = timeMillis;
        recorder.begin(newRun, timeMillis, out);
        suspected.clear();
    }

    /** Moves on to an event at another time of the same run. */
    void at(long timeMillis) {
        nowMillis = timeMillis;
        recorder.at(timeMillis);
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
            recorder.close(alert);
        }
    }

    /** Whether an alert is open that pages people for a fault of the weights or of what they learn. */
    boolean isLearningFaulty() {
        if (run.alerts().isEmpty()) {
            return false;
        }
        for (OpenAlert open : run.alerts().open()) {
            CatalogueEntry entry = entries.get(open.last().detector());
            if (open.last().severity().isPaging()
                    && (entry == null || entry.effect().isOfLearning())) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean fires(Severity severity) {
        AlertHistory history = run.alerts();
        OpenAlert open = history.open(detector);
        boolean explained = isExplained();
        history.explained(detector, explained);
        if (open != null && !(isNote(open) && severity.isPaging())) {
            return confirm(open, severity);
        }
        if (explained) {
            // A note stays a note; the stronger alert gets the symptom.
            addSymptom();
            return false;
        }
        return announces(severity);
    }

    private boolean confirm(OpenAlert open, Severity severity) {
        Alert last = open.last();
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
        if (history.open(detector) != null || history.openings(detector) > 0 || isExplained()) {
            return false;
        }
        return announces(Severity.INFO);
    }

    /** Announces an alert that opens, unless the attempt has opened as many of that severity as it may. */
    private boolean announces(Severity severity) {
        AlertHistory history = run.alerts();
        boolean admitted = switch (severity) {
            case INFO -> history.openedInAttempt(severity) < NOTES_PER_ATTEMPT;
            case WARNING -> history.openedInAttempt(severity) < WARNINGS_PER_ATTEMPT;
            case CRITICAL -> true;
        };
        if (!admitted) {
            history.holdBack(detector, severity);
            return false;
        }
        announced = severity;
        return true;
    }

    @Override
    public void report(AlertMessage message) {
        if (announced == null) {
            throw new IllegalStateException(detector + " says what it did not announce");
        }
        OpenAlert open = run.alerts().open(detector);
        if (open == null || (isNote(open) && announced.isPaging())) {
            recorder.open(detector, announced, message, takenOverBy(announced));
        } else {
            Alert last = open.last();
            boolean graver = announced.compareTo(last.severity()) > 0;
            recorder.revise(
                    open,
                    graver ? AlertState.ESCALATED : AlertState.UPDATED,
                    announced,
                    message,
                    last.stopRecommended() || stops(open, announced),
                    graver ? takenOverBy(announced) : List.of());
        }
        announced = null;
    }

    /** What is open and tells a part of the story that this detector's alert tells from now on. */
    private List<OpenAlert> takenOverBy(Severity severity) {
        if (run.alerts().isEmpty() || !severity.isPaging()) {
            return List.of();
        }
        CatalogueEntry entry = entries.get(detector);
        List<OpenAlert> takenOver = new ArrayList<>(1);
        for (OpenAlert open : run.alerts().open()) {
            Alert last = open.last();
            boolean note = isNote(open) && last.detector().equals(detector);
            CatalogueEntry other = entries.get(last.detector());
            boolean weaker = other != null
                    && other.yieldsTo().contains(detector)
                    && last.severity().compareTo(severity) <= 0;
            boolean dead = open.isConditionGone()
                    && entry.effect().stopsLearning()
                    && entry.yieldsTo().contains(last.detector());
            if (note || weaker || dead) {
                takenOver.add(open);
            }
        }
        return takenOver;
    }

    @Override
    public void clears() {
        AlertHistory history = run.alerts();
        history.symptomGone(detector);
        OpenAlert open = history.isEmpty() ? null : history.open(detector);
        if (open == null) {
            return;
        }
        if (!isNote(open) && isNetworkDead()) {
            open.conditionGone();
        } else {
            recorder.resolve(open);
        }
    }

    /** Whether this detector's sign may be gone only because nothing moves any more. */
    private boolean isNetworkDead() {
        for (String dead : deadNetwork.getOrDefault(detector, List.of())) {
            if (isSuspected(dead) || run.alerts().isExplained(dead)) {
                return true;
            }
        }
        return false;
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
        CatalogueEntry entry = entries.get(detector);
        for (OpenAlert open : run.alerts().open()) {
            if (open.last().severity().isPaging()
                    && entry.yieldsTo().contains(open.last().detector())
                    && !(open.isConditionGone() && entry.effect().stopsLearning())) {
                return open;
            }
        }
        return null;
    }

    private void addSymptom() {
        OpenAlert open = stronger();
        if (open != null && !open.last().symptoms().contains(detector)) {
            recorder.addSymptom(open, detector);
        }
    }

    /** Diagnoses what is open anew. */
    void review() {
        for (OpenAlert open : run.alerts().open()) {
            Alert last = open.last();
            CatalogueEntry entry = entries.get(last.detector());
            // An alert that was stored may be of a detector that this version no longer has.
            if (entry != null
                    && !entry.diagnosedOnce()
                    && last.severity().isPaging()
                    && last.revision() < MOST_REVISIONS) {
                recorder.review(open, CONFIDENCE_CHANGE);
            }
        }
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

    private static boolean isNote(OpenAlert open) {
        return !open.last().severity().isPaging();
    }
}

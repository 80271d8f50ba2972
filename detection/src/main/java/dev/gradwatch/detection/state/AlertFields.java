package dev.gradwatch.detection.state;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Evidence;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.alert.Recovery;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.codec.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The stored form of open alerts. */
final class AlertFields {

    /**
     * Entries of a list at most: far above what the service writes, so that damaged bytes cannot allocate memory.
     */
    private static final int MANY = 1024;

    private AlertFields() {}

    static void exchange(Fields fields, AlertHistory history) {
        List<OpenAlert> open = history.open();
        int count = fields.count(open.size(), MANY);
        List<OpenAlert> alerts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            OpenAlert alert = fields.reading() ? null : open.get(i);
            Alert last = alert(fields, alert == null ? null : alert.last());
            alerts.add(new OpenAlert(last, fields.varint(alert == null ? 0 : alert.confirmations())));
        }
        Map<String, Integer> openings = new TreeMap<>();
        List<String> detectors = List.copyOf(history.openings().keySet());
        int known = fields.count(detectors.size(), MANY);
        for (int i = 0; i < known; i++) {
            String detector = fields.requiredText(fields.reading() ? "" : detectors.get(i));
            openings.put(detector, (int) fields.varint(history.openings(detector)));
        }
        int opened = (int) fields.varint(history.opened());
        if (fields.reading()) {
            history.restore(alerts, openings, opened);
        }
    }

    private static Alert alert(Fields fields, Alert written) {
        Alert a = written == null ? BLANK : written;
        return new Alert(
                fields.requiredText(a.id()),
                (int) fields.varint(a.revision()),
                AlertState.valueOf(fields.requiredText(a.state().name())),
                fields.requiredText(a.runId()),
                (int) fields.varint(a.attempt()),
                fields.requiredText(a.detector()),
                Severity.valueOf(fields.requiredText(a.severity().name())),
                fields.requiredText(a.summary()),
                position(fields, a.opened()),
                position(fields, a.updated()),
                null,
                evidence(fields, a.evidence()),
                fields.texts(MANY, a.symptoms()),
                causes(fields, a.causes()),
                fields.texts(MANY, a.missingEvidence()),
                fields.flag(a.stopRecommended()),
                fields.varintOrNull(a.lastHealthyStep()),
                fields.numberOrNull(a.bestEpoch()),
                Recovery.UNKNOWN,
                null,
                List.of());
    }

    /** What came later to the stored form, of the alerts that {@link #exchange} has read or written. */
    static void exchangeMore(Fields fields, AlertHistory history) {
        List<OpenAlert> open = history.open();
        List<OpenAlert> telling = open.stream().filter(AlertFields::hasMore).toList();
        int count = fields.count(telling.size(), MANY);
        for (int i = 0; i < count; i++) {
            OpenAlert written = fields.reading() ? null : telling.get(i);
            Alert last = written == null ? BLANK : written.last();
            String id = fields.requiredText(last.id());
            Recovery recovery = recovery(fields, last.recovery());
            List<String> supersedes = fields.texts(MANY, last.supersedes());
            boolean gone = fields.flag(written != null && written.isConditionGone());
            if (fields.reading()) {
                open.stream()
                        .filter(alert -> alert.last().id().equals(id))
                        .forEach(alert -> alert.restore(alert.last().restored(recovery, supersedes), gone));
            }
        }
        counts(fields, history.openedInAttempt());
        counts(fields, history.heldBack());
        Map<String, Severity> held = history.heldBackNow();
        List<String> detectors = fields.texts(MANY, List.copyOf(held.keySet()));
        for (String detector : detectors) {
            Severity severity = held.get(detector);
            held.put(detector, Severity.valueOf(fields.requiredText(severity == null ? "" : severity.name())));
        }
        history.explained().addAll(fields.texts(MANY, List.copyOf(history.explained())));
    }

    private static boolean hasMore(OpenAlert alert) {
        Alert last = alert.last();
        return alert.isConditionGone()
                || !last.supersedes().isEmpty()
                || !last.recovery().equals(Recovery.UNKNOWN);
    }

    private static Recovery recovery(Fields fields, Recovery written) {
        return new Recovery(
                Recovery.Action.valueOf(fields.requiredText(written.action().name())),
                fields.varintOrNull(written.step()),
                fields.numberOrNull(written.epoch()),
                Recovery.Reason.valueOf(fields.requiredText(written.reason().name())));
    }

    private static void counts(Fields fields, Map<Severity, Long> values) {
        List<String> severities =
                fields.texts(MANY, values.keySet().stream().map(Severity::name).toList());
        for (String name : severities) {
            Severity severity = Severity.valueOf(name);
            values.put(severity, fields.varint(values.getOrDefault(severity, 0L)));
        }
    }

    private static Position position(Fields fields, Position p) {
        return new Position(
                fields.varint(p.timeMillis()), fields.varintOrNull(p.step()), fields.numberOrNull(p.epoch()));
    }

    private static List<Evidence> evidence(Fields fields, List<Evidence> written) {
        int count = fields.count(written.size(), MANY);
        List<Evidence> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Evidence e = fields.reading() ? new Evidence("", 0, null) : written.get(i);
            all.add(new Evidence(fields.requiredText(e.name()), fields.number(e.value()), fields.text(e.unit())));
        }
        return all;
    }

    private static List<ProbableCause> causes(Fields fields, List<ProbableCause> written) {
        int count = fields.count(written.size(), MANY);
        List<ProbableCause> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ProbableCause c = fields.reading() ? new ProbableCause("", 0, List.of(), List.of(), "") : written.get(i);
            all.add(new ProbableCause(
                    fields.requiredText(c.code()),
                    fields.number(c.confidence()),
                    fields.texts(MANY, c.evidenceFor()),
                    fields.texts(MANY, c.evidenceAgainst()),
                    fields.requiredText(c.remedy())));
        }
        return all;
    }

    private static final Position NOWHERE = new Position(0, null, null);

    private static final Alert BLANK = new Alert(
            "",
            0,
            AlertState.OPENED,
            "",
            0,
            "",
            Severity.INFO,
            "",
            NOWHERE,
            NOWHERE,
            null,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            false,
            null,
            null,
            Recovery.UNKNOWN,
            null,
            List.of());
}

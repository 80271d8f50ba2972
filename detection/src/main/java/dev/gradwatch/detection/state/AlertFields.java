package dev.gradwatch.detection.state;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Evidence;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.ProbableCause;
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
                fields.numberOrNull(a.bestEpoch()));
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
            null);
}

package dev.gradwatch.detection.scenario;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many alerts opened and how they ended, by detector and severity, as a consumer of their records counts them. An alert that escalates
 * leaves its severity as superseded and enters the graver one as opened.
 */
public final class AlertLedger {

    private final Map<String, Long> counts = new HashMap<>();

    private AlertLedger() {}

    public static AlertLedger of(List<Alert> records) {
        AlertLedger ledger = new AlertLedger();
        Map<String, Severity> severities = new HashMap<>();
        for (Alert record : records) {
            Severity before = severities.put(record.id(), record.severity());
            ledger.count(record.state().name(), record.detector());
            if (record.state() == AlertState.ESCALATED) {
                ledger.count("superseded", record.detector(), before);
                ledger.count("opened", record.detector(), record.severity());
            } else {
                ledger.count(
                        record.state().name().toLowerCase(java.util.Locale.ROOT), record.detector(), record.severity());
            }
        }
        return ledger;
    }

    public long opened(String detector, Severity severity) {
        return of("opened", detector, severity);
    }

    public long resolved(String detector, Severity severity) {
        return of("resolved", detector, severity);
    }

    public long closed(String detector, Severity severity) {
        return of("closed", detector, severity);
    }

    public long superseded(String detector, Severity severity) {
        return of("superseded", detector, severity);
    }

    /** Records of a state, whatever the severity. */
    public long records(String detector, AlertState state) {
        return of(state.name(), detector);
    }

    private void count(Object... key) {
        counts.merge(List.of(key).toString(), 1L, Long::sum);
    }

    private long of(Object... key) {
        return counts.getOrDefault(List.of(key).toString(), 0L);
    }
}

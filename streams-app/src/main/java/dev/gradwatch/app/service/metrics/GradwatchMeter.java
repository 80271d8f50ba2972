package dev.gradwatch.app.service.metrics;

import java.util.List;

/** Every meter of Gradwatch's own: name, labels and meaning. The reference in {@code docs/metrics.md} is made from it. */
enum GradwatchMeter {
    EVENTS("gradwatch.events", "counter", "Events that changed a run's state; each step of a batch counts.", "type"),
    EVENTS_IGNORED(
            "gradwatch.events.ignored", "counter", "Events that changed nothing: seen before, or too late.", "reason"),
    EVENTS_SKIPPED(
            "gradwatch.events.skipped",
            "counter",
            "Records of a type that this version does not know: their publisher is newer."),
    FIELDS_IGNORED(
            "gradwatch.fields.ignored",
            "counter",
            "Fields of events that were left out or cut, because their value cannot be or is too much.",
            "field"),
    ALERTS_OPENED(
            "gradwatch.alerts.opened",
            "counter",
            "Alerts that opened, or became this grave. For each detector and severity: opened = resolved + closed + superseded +"
                    + " open, counted since the start of the service, but for what was open before.",
            "detector",
            "severity",
            "team",
            "cluster"),
    ALERTS_ESCALATED(
            "gradwatch.alerts.escalated",
            "counter",
            "Alerts that became graver, by the severity that they became. Each also counts as superseded in its old severity and as"
                    + " opened in its new one.",
            "detector",
            "severity",
            "team",
            "cluster"),
    ALERTS_RESOLVED(
            "gradwatch.alerts.resolved",
            "counter",
            "Alerts that ended because the run recovered.",
            "detector",
            "severity",
            "team",
            "cluster"),
    ALERTS_CLOSED(
            "gradwatch.alerts.closed",
            "counter",
            "Alerts that ended because the run or its attempt did, or because the run was forgotten.",
            "detector",
            "severity",
            "team",
            "cluster"),
    ALERTS_SUPERSEDED(
            "gradwatch.alerts.superseded",
            "counter",
            "Alerts that ended because a graver one tells the same story: a note that became a warning, a warning that became critical"
                    + " or that another alert explains.",
            "detector",
            "severity",
            "team",
            "cluster"),
    ALERTS_HELD_BACK(
            "gradwatch.alerts.held.back",
            "counter",
            "Notes and warnings that were not opened, because an attempt had opened as many as it may. Criticals never are."),
    ALERTS_OPEN(
            "gradwatch.alerts.open",
            "gauge",
            "Alerts that are open now, also those from before a restart.",
            "detector",
            "severity",
            "team",
            "cluster"),
    RUN_ALERT(
            "gradwatch.run.alert",
            "gauge",
            "1 for each open alert of a run, the gravest first, up to `metrics.run-alerts` of them.",
            "run",
            "detector",
            "severity"),
    RUN_ALERTS_CUT("gradwatch.run.alerts.cut", "gauge", "Open alerts for which `gradwatch_run_alert` had no room."),
    DEAD_LETTERS(
            "gradwatch.dead.letters",
            "counter",
            "Records that could not be used and went to the dead letters.",
            "cause"),
    PROCESSING_LATENCY(
            "gradwatch.processing.latency",
            "histogram",
            "Seconds that detection took for a record; its count is the records."),
    DETECTION_LATENCY(
            "gradwatch.detection.latency",
            "histogram",
            "Seconds from the time of the event that opened an alert to the alert. Old events that are read again count with"
                    + " their age."),
    RUNS_ACTIVE(
            "gradwatch.runs.active",
            "gauge",
            "Runs of this instance that train: registered, not finished, not silent beyond their habit."),
    RUNS_EVICTED(
            "gradwatch.runs.evicted",
            "counter",
            "Runs that were forgotten early, the least recently heard first, because more than `runs.known` published."),
    STATE_BYTES("gradwatch.state.bytes", "histogram", "Bytes of a run's state when it was written."),
    PARTITION_STALLED(
            "gradwatch.partition.stalled",
            "gauge",
            "Seconds for which a partition of this instance has stood still: `paused` over bad records, a `record` that takes"
                    + " longer than a minute, or `no-progress` although there is something to read.",
            "partition",
            "reason"),
    STATE_DAMAGED(
            "gradwatch.state.damaged",
            "counter",
            "Times that the files of a partition's state were found damaged and restored from the changelog."),
    REGISTRY_WAITING(
            "gradwatch.registry.waiting", "gauge", "1 while processing waits for the schema registry, else 0.");

    private final String meterName;
    private final String kind;
    private final String doc;

    @SuppressWarnings("ImmutableEnumChecker") // It is a List.of.
    private final List<String> labels;

    GradwatchMeter(String meterName, String kind, String doc, String... labels) {
        this.meterName = meterName;
        this.kind = kind;
        this.doc = doc;
        this.labels = List.of(labels);
    }

    String meterName() {
        return meterName;
    }

    String kind() {
        return kind;
    }

    String doc() {
        return doc;
    }

    List<String> labels() {
        return labels;
    }

    /** As Prometheus shows it. */
    String prometheusName() {
        String name = meterName.replace('.', '_');
        return switch (kind) {
            case "counter" -> name + "_total";
            case "histogram" -> name.endsWith("_bytes") ? name : name + "_seconds";
            default -> name;
        };
    }
}

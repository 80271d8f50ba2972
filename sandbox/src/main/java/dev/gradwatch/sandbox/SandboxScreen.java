package dev.gradwatch.sandbox;

import dev.gradwatch.commands.alerts.AlertCard;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.AlertState;
import dev.gradwatch.schemas.Severity;
import dev.gradwatch.wire.PublishedAlerts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What the sandbox tells people, fit for 100 columns. Thread-safe, as its {@link Screen} is. */
final class SandboxScreen {

    private static final String MARGIN = "  ";

    private final Screen screen;
    private final boolean quiet;

    /** @param quiet whether alerts are left out */
    SandboxScreen(Screen screen, boolean quiet) {
        this.screen = screen;
        this.quiet = quiet;
    }

    ExamplesScreen examples() {
        return new ExamplesScreen(screen);
    }

    boolean isGone() {
        return screen.isGone();
    }

    void begin(Path folder, int size) {
        screen.print(screen.style().bold("Gradwatch sandbox") + ": broker, registry, service and a fleet of " + size
                + " training runs, all on loopback.");
        screen.print("Everything is kept in " + shown(folder) + ".");
        screen.print("");
    }

    void up(String what, long begunNanos, String address) {
        screen.print("%s%-9s up after %4.1f s   %s".formatted(MARGIN, what, seconds(begunNanos), address));
    }

    /** Said when the service takes longer than usual to be ready. */
    void waiting(String reason) {
        screen.print(MARGIN + "service   waits: " + reason);
        screen.print(MARGIN
                + "          After a killed sandbox this takes up to a minute: the broker has to miss it first.");
    }

    void ready(long begunNanos, Sandbox.Addresses at) {
        screen.print("%s%-9s up after %4.1f s   sound and faulty runs, started one after the other"
                .formatted(MARGIN, "fleet", seconds(begunNanos)));
        String config = " --config " + shown(at.configuration());
        screen.print("");
        screen.print("For a training script of your own (pip install gradwatch), in its terminal:");
        screen.print(MARGIN + "export GRADWATCH_BOOTSTRAP_SERVERS=" + at.broker());
        screen.print(MARGIN + "export GRADWATCH_REGISTRY_URL=" + at.registry());
        screen.print("");
        screen.print("In another terminal:");
        screen.print(MARGIN + "./gradwatch alerts" + config);
        screen.print(MARGIN + "./gradwatch runs" + config);
        screen.print(MARGIN + "./gradwatch replay" + config + " FILE");
        screen.print(MARGIN + "curl " + at.service() + "/metrics");
        screen.print("");
        screen.print("Ready. Alerts follow as they fire; Ctrl-C ends it.");
        screen.print("");
    }

    /** Prints what is new about an alert; that it is still open is not. Notes take one line. */
    void alert(Alert message) {
        if (quiet || message.getState() == AlertState.UPDATED) {
            return;
        }
        String card = AlertCard.of(PublishedAlerts.toAlert(message), null, message.getTeam(), screen.style());
        boolean oneLine = message.getSeverity() == Severity.INFO || !card.contains("\n");
        screen.print(oneLine ? card.lines().findFirst().orElse(card) : card + "\n");
    }

    void status(Duration soFar, FleetPublisher.Progress fleet, Tally.Counts alerts) {
        screen.status("%s   %,d runs train, %,d ended   %,d steps   %,d alerts, %,d of them over"
                .formatted(
                        clock(soFar), fleet.running(), fleet.ended(), fleet.steps(), alerts.opened(), alerts.ended()));
    }

    void end(SandboxReport report) {
        Tally.Counts alerts = report.alerts();
        screen.print("");
        screen.print(screen.style().bold("Ended after " + clock(report.length()) + "."));
        screen.print("%sruns       %,d started, %,d ended by themselves"
                .formatted(MARGIN, report.fleet().started(), report.fleet().ended()));
        screen.print("%sevents     %,d steps in %,d records"
                .formatted(MARGIN, report.fleet().steps(), report.fleet().records()));
        screen.print("%salerts     %,d opened (%s), %,d ended"
                .formatted(MARGIN, alerts.opened(), severities(alerts), alerts.ended()));
        alerts.byDetector().entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .forEach(detector ->
                        screen.print("%s           %4d  %s".formatted(MARGIN, detector.getValue(), detector.getKey())));
        screen.print("%sjudgement  faulty runs found: %,d, sound runs accused: %,d"
                .formatted(MARGIN, report.found(), report.accused()));
        report.examples().ifPresent(examples()::end);
        if (alerts.latencyP50() >= 0) {
            screen.print("%sdetection  p50 %,d ms, p99 %,d ms from the event to the alert being read"
                    .formatted(MARGIN, alerts.latencyP50(), alerts.latencyP99()));
        }
        screen.print("%skept in    %s; the next start goes on from there, --fresh begins anew"
                .formatted(MARGIN, shown(report.folder())));
        screen.print("");
        screen.print("What to do next:");
        screen.print(MARGIN + "./gradwatch backtest FILE             what it says of a training log that you have");
        screen.print(MARGIN + "./gradwatch sandbox --fleet 0         a place for your own script alone");
        screen.print(MARGIN + "./gradwatch detectors                 what it finds, and how to tune it");
    }

    private static String severities(Tally.Counts alerts) {
        String text = java.util.Arrays.stream(Severity.values())
                .sorted(Comparator.reverseOrder())
                .filter(severity -> alerts.bySeverity().containsKey(severity))
                .map(severity -> alerts.bySeverity().get(severity) + " "
                        + severity.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
        return text.isEmpty() ? "none" : text;
    }

    private static double seconds(long begunNanos) {
        return (System.nanoTime() - begunNanos) / 1e9;
    }

    private static String clock(Duration length) {
        return length.toMinutes() == 0
                ? length.toSeconds() + " s"
                : "%d min %02d s".formatted(length.toMinutes(), length.toSecondsPart());
    }

    /** As short as it can be typed from here. */
    static Path shown(Path path) {
        Path here = Path.of("").toAbsolutePath();
        return path.startsWith(here) ? here.relativize(path) : path;
    }
}

package dev.gradwatch.app.service.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.app.engine.partitions.ProgressWatch;
import dev.gradwatch.detection.RunSnapshot;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.Recovery;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MicrometerListenerTest {

    private static final Pattern SAMPLE = Pattern.compile(
            "([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{(?:[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\\n]|\\\\[\\\\n\"])*\",?)*\\})? (\\S+)");

    private final Telemetry telemetry = new Telemetry(100, 50);
    private final MicrometerListener listener = telemetry.listener();

    @AfterEach
    void close() {
        telemetry.close();
    }

    @Test
    void countsWhatTheEngineTells() {
        listener.recordApplied("gradient-norms", 10, 2, 1, 5_000);
        listener.recordApplied("gradient-norms", 5, 0, 0, 5_000);
        listener.deadLetter("not-wire-format");
        listener.activeRuns(0, 7);
        listener.activeRuns(1, 5);
        listener.stateWritten(3000);
        listener.registryWaiting(true);

        assertThat(page())
                .contains("gradwatch_events_total{type=\"gradient-norms\"} 15.0")
                .contains("gradwatch_events_ignored_total{reason=\"duplicate\"} 2.0")
                .contains("gradwatch_events_ignored_total{reason=\"stale\"} 1.0")
                .contains("gradwatch_dead_letters_total{cause=\"not-wire-format\"} 1.0")
                .contains("gradwatch_processing_latency_seconds_count 2")
                .contains("gradwatch_runs_active 12.0")
                .contains("gradwatch_state_bytes_bucket{le=\"3072.0\"} 1")
                .contains("gradwatch_registry_waiting 1.0");
    }

    @Test
    void followsTheLifeOfAnAlert() {
        listener.alertChanged(0, alert("run", "a", AlertState.OPENED, Severity.WARNING), owner("vision", "west"), 40);
        assertThat(page())
                .contains(labelled("gradwatch_alerts_opened_total", "warning", "vision", "west") + " 1.0")
                .contains(labelled("gradwatch_alerts_open", "warning", "vision", "west") + " 1.0")
                .contains("gradwatch_run_alert{detector=\"loss-spike\",run=\"run\",severity=\"warning\"} 1.0")
                .contains("gradwatch_detection_latency_seconds_bucket{le=\"0.05\"} 1")
                .contains("gradwatch_detection_latency_seconds_bucket{le=\"300.0\"} 1");

        listener.alertChanged(
                0, alert("run", "a", AlertState.ESCALATED, Severity.CRITICAL), owner("vision", "west"), 40);
        assertThat(page())
                .contains(labelled("gradwatch_alerts_open", "warning", "vision", "west") + " 0.0")
                .contains(labelled("gradwatch_alerts_open", "critical", "vision", "west") + " 1.0");

        listener.alertChanged(
                0, alert("run", "a", AlertState.RESOLVED, Severity.CRITICAL), owner("vision", "west"), 40);
        assertThat(page())
                .contains(labelled("gradwatch_alerts_resolved_total", "critical", "vision", "west") + " 1.0")
                .contains(labelled("gradwatch_alerts_open", "critical", "vision", "west") + " 0.0")
                .contains("gradwatch_detection_latency_seconds_count 1")
                .doesNotContain("gradwatch_run_alert{");
    }

    /** For each severity: opened = resolved + closed + superseded + open, whatever the lives of alerts were. */
    @Test
    void whatOpenedIsWhatEndedAndWhatIsOpen() {
        long seed = 20_240_229;
        Random random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            Severity severity = List.of(Severity.values()).get(random.nextInt(3));
            listener.alertChanged(0, alert("r" + i % 40, "a" + i, AlertState.OPENED, severity), null, 0);
            for (int changes = random.nextInt(4); changes > 0; changes--) {
                boolean graver = severity == Severity.WARNING && random.nextBoolean();
                severity = graver ? Severity.CRITICAL : severity;
                AlertState state = graver ? AlertState.ESCALATED : AlertState.UPDATED;
                listener.alertChanged(0, alert("r" + i % 40, "a" + i, state, severity), null, 0);
            }
            if (random.nextInt(10) > 0) {
                AlertState end = List.of(AlertState.RESOLVED, AlertState.CLOSED, AlertState.SUPERSEDED)
                        .get(random.nextInt(3));
                listener.alertChanged(0, alert("r" + i % 40, "a" + i, end, severity), null, 0);
            }
        }
        for (String severity : List.of("info", "warning", "critical")) {
            assertThat(value("gradwatch_alerts_opened_total", severity))
                    .as("%s, seed %d", severity, seed)
                    .isPositive()
                    .isEqualTo(value("gradwatch_alerts_resolved_total", severity)
                            + value("gradwatch_alerts_closed_total", severity)
                            + value("gradwatch_alerts_superseded_total", severity)
                            + value("gradwatch_alerts_open", severity));
        }
        assertThat(value("gradwatch_alerts_opened_total", "info")
                        + value("gradwatch_alerts_opened_total", "warning")
                        + value("gradwatch_alerts_opened_total", "critical")
                        - value("gradwatch_alerts_escalated_total", "critical"))
                .as("every alert opens once")
                .isEqualTo(500);
    }

    @Test
    void countsWhatIsHeldBack() {
        listener.alertsHeldBack(2);
        listener.alertsHeldBack(1);

        assertThat(page()).contains("gradwatch_alerts_held_back_total 3.0");
    }

    private double value(String series, String severity) {
        return page().lines()
                .filter(line -> line.startsWith(labelled(series, severity, "none", "none") + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    @Test
    void parallelScrapesSeeEverySeries() throws Exception {
        for (int run = 0; run < 40; run++) {
            listener.alertChanged(
                    0,
                    alert("run-" + run, "a", AlertState.OPENED, Severity.WARNING),
                    owner("team-" + run % 20, "west"),
                    40);
        }
        ExecutorService scrapers = Executors.newFixedThreadPool(8);
        try {
            List<Future<Integer>> lost = new ArrayList<>();
            for (int scraper = 0; scraper < 8; scraper++) {
                lost.add(scrapers.submit(() -> {
                    int incomplete = 0;
                    for (int i = 0; i < 100; i++) {
                        String page = page();
                        boolean whole = page.lines()
                                                .filter(line -> line.startsWith("gradwatch_alerts_open{"))
                                                .count()
                                        == 20
                                && page.lines()
                                                .filter(line -> line.startsWith("gradwatch_run_alert{"))
                                                .count()
                                        == 40;
                        incomplete += whole ? 0 : 1;
                    }
                    return incomplete;
                }));
            }
            for (Future<Integer> one : lost) {
                assertThat(one.get()).isZero();
            }
        } finally {
            scrapers.shutdownNow();
        }
    }

    @Test
    void tellsWhatIsOpenAfterARestartAndForgetsPartitionsThatMoved() {
        listener.runRestored(3, snapshot("old", "a", "b"));
        listener.runRestored(4, snapshot("other", "c"));
        listener.alertChanged(3, alert("old", "a", AlertState.UPDATED, Severity.WARNING), null, 0);
        listener.alertChanged(3, alert("young", "d", AlertState.OPENED, Severity.WARNING), null, 0);
        assertThat(page()).contains(labelled("gradwatch_alerts_open", "warning", "none", "none") + " 4.0");

        listener.partitionReleased(3);
        assertThat(page()).contains(labelled("gradwatch_alerts_open", "warning", "none", "none") + " 1.0");

        listener.runForgotten(4, "other");
        assertThat(page())
                .contains(labelled("gradwatch_alerts_open", "warning", "none", "none") + " 0.0")
                .contains("gradwatch_run_alerts_cut 0.0");
    }

    @Test
    void tenThousandRunsDoNotGrowThePage() {
        openFor(0, 1_000);
        List<String> few = series();
        openFor(1_000, 10_000);
        List<String> many = series();

        assertThat(many).hasSameSizeAs(few);
        assertThat(many.stream().filter(line -> line.startsWith("gradwatch_run_alert{")))
                .hasSize(100);
        assertThat(page()).contains("gradwatch_run_alerts_cut 9900.0");
        // 50 teams and 50 clusters with names, paired at most 200 times.
        assertThat(many.stream().filter(line -> line.startsWith("gradwatch_alerts_open{")))
                .hasSizeLessThanOrEqualTo(201);
        assertThat(page()).contains("cluster=\"other\"").contains("team=\"other\"");
    }

    @Test
    void namesTheGravestRunsFirst() {
        for (int i = 0; i < 150; i++) {
            listener.alertChanged(0, alert("mild-" + i, "m" + i, AlertState.OPENED, Severity.WARNING), null, 0);
        }
        listener.alertChanged(0, alert("grave", "g", AlertState.OPENED, Severity.CRITICAL), null, 0);

        assertThat(page()).contains("run=\"grave\"").contains("gradwatch_run_alerts_cut 51.0");
    }

    @Test
    void hostileTextStaysInsideItsLabel() {
        String hostile = "x\"} 1\ngradwatch_evil{a=\"\u001b[31m\\";
        listener.alertChanged(
                0, alert(hostile, "a", AlertState.OPENED, Severity.WARNING), owner(hostile, "\u0000\uD800"), 0);
        listener.alertChanged(
                0, alert("b\u0001", "b", AlertState.OPENED, Severity.WARNING), owner("x".repeat(9000), "w"), 0);
        listener.alertChanged(0, alert("b\u0002", "c", AlertState.OPENED, Severity.WARNING), null, 0);

        assertThat(page())
                .doesNotContain("\u001b")
                .doesNotContain("\ngradwatch_evil")
                .doesNotContain("x".repeat(257));
        for (String accept : new String[] {null, "application/openmetrics-text; version=1.0.0"}) {
            Set<String> seen = new HashSet<>();
            for (String line : telemetry.page(accept).body().split("\n", -1)) {
                if (!line.isEmpty() && !line.startsWith("#")) {
                    Matcher sample = SAMPLE.matcher(line.replaceFirst(" # \\{.*", ""));
                    assertThat(sample.matches()).as(line).isTrue();
                    assertThat(seen.add(sample.group(1) + sample.group(2)))
                            .as("once: " + line)
                            .isTrue();
                }
            }
            assertThat(seen).isNotEmpty();
        }
    }

    @Test
    void everyMeterIsDocumentedWithItsLabels() {
        countsWhatTheEngineTells();
        followsTheLifeOfAnAlert();
        listener.alertChanged(0, alert("run", "a", AlertState.CLOSED, Severity.WARNING), null, 0);
        listener.alertChanged(0, alert("run", "b", AlertState.OPENED, Severity.WARNING), null, 0);
        listener.fieldIgnored("train_accuracy", 2);
        telemetry.partitions().show(List.of(new ProgressWatch.Stall(3, ProgressWatch.Reason.PAUSED, 60, "is paused")));
        String page = page();

        for (GradwatchMeter meter : GradwatchMeter.values()) {
            assertThat(page).as(meter.meterName()).contains("# HELP " + meter.prometheusName() + " ");
            String sample = page.lines()
                    .filter(line -> line.startsWith(meter.prometheusName())
                            && !line.startsWith(meter.prometheusName() + "s")
                            && !line.startsWith(meter.prometheusName() + "_max"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(meter.prometheusName() + " is not on the page"));
            for (String label : meter.labels()) {
                assertThat(sample).contains(label + "=\"");
            }
        }
        Set<String> known = new HashSet<>();
        for (GradwatchMeter meter : GradwatchMeter.values()) {
            known.add(meter.prometheusName());
            known.add(meter.prometheusName() + "_max");
        }
        assertThat(page.lines()
                        .filter(line -> line.startsWith("# TYPE gradwatch_"))
                        .map(line -> line.split(" ", -1)[2]))
                .allSatisfy(name -> assertThat(known).contains(name));
    }

    private void openFor(int from, int to) {
        for (int i = from; i < to; i++) {
            listener.recordApplied("heartbeat", 1, 0, 0, 1_000);
            listener.alertChanged(
                    i % 4,
                    alert("run-" + i, "alert-" + i, AlertState.OPENED, Severity.WARNING),
                    owner("team-" + i % 700, "cluster-" + i % 300),
                    1_000);
        }
    }

    private List<String> series() {
        return page().lines()
                .filter(line -> line.startsWith("gradwatch_"))
                .map(line -> line.substring(0, line.lastIndexOf(' ')))
                .toList();
    }

    private String page() {
        return telemetry.page(null).body();
    }

    private static String labelled(String name, String severity, String team, String cluster) {
        return name + "{cluster=\"" + cluster + "\",detector=\"loss-spike\",severity=\"" + severity + "\",team=\""
                + team + "\"}";
    }

    private static RunStarted owner(String team, String cluster) {
        return RunStarted.builder().team(team).cluster(cluster).build();
    }

    private static RunSnapshot snapshot(String runId, String... alertIds) {
        List<RunSnapshot.AlertSummary> open = java.util.Arrays.stream(alertIds)
                .map(id -> new RunSnapshot.AlertSummary(id, "loss-spike", Severity.WARNING, new Position(1, 1L, null)))
                .toList();
        return new RunSnapshot(
                runId,
                1,
                RunSnapshot.Phase.TRAINING,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                open,
                List.of(),
                1,
                0,
                0);
    }

    private static Alert alert(String runId, String id, AlertState state, Severity severity) {
        Position position = new Position(1_000, 1L, null);
        return new Alert(
                id,
                1,
                state,
                runId,
                1,
                "loss-spike",
                severity,
                "seen",
                position,
                position,
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
}

package dev.gradwatch.detection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Recovery.Action;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.catalogue.Catalogue;
import dev.gradwatch.detection.detector.AlertMessage;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.scenario.AlertLedger;
import dev.gradwatch.detection.scenario.RandomRuns;
import dev.gradwatch.detection.scenario.WatchedRun;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.state.RunStateCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

/** What holds of the lives of alerts whatever happens: opened = resolved + closed + superseded + open, for each detector and severity. */
class AlertIdentityTest {

    private static final Map<String, CatalogueEntry> ENTRIES =
            Catalogue.entries().stream().collect(Collectors.toMap(CatalogueEntry::id, Function.identity()));

    /** What a detector may do; more than any real one does. */
    private enum Call {
        NOTE,
        WARN,
        CRITICAL,
        CLEAR,
        SUSPECT,
        NEXT_ATTEMPT,
        REVIEW,
        STORE
    }

    private record Step(Call call, String detector) {}

    @Provide
    Arbitrary<List<RunRecord>> anyRun() {
        return RandomRuns.records();
    }

    @Provide
    Arbitrary<List<Step>> anyCalls() {
        Arbitrary<Call> calls = Arbitraries.frequency(
                Tuple.of(4, Call.NOTE),
                Tuple.of(8, Call.WARN),
                Tuple.of(4, Call.CRITICAL),
                Tuple.of(6, Call.CLEAR),
                Tuple.of(2, Call.SUSPECT),
                Tuple.of(1, Call.NEXT_ATTEMPT),
                Tuple.of(1, Call.REVIEW),
                Tuple.of(1, Call.STORE));
        Arbitrary<String> detectors = Arbitraries.of(List.copyOf(ENTRIES.keySet()));
        return Combinators.combine(calls, detectors)
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(600);
    }

    @Property(tries = 300)
    void holdsOverRandomStreamsOfEvents(@ForAll("anyRun") List<RunRecord> records) {
        WatchedRun run = WatchedRun.run(records);
        assertOrderly(run.alerts(), run.state());
    }

    @Property(tries = 300)
    void holdsOverRandomFindings(@ForAll("anyCalls") List<Step> steps) {
        List<Alert> alerts = new ArrayList<>();
        assertOrderly(alerts, apply(steps, alerts));
    }

    @Property(tries = 100)
    void criticalsAreNeverHeldBack(@ForAll("anyCalls") List<Step> steps) {
        List<Alert> alerts = new ArrayList<>();
        RunState run = apply(steps, alerts);
        AlertLifecycle lifecycle = new AlertLifecycle(
                Catalogue.entries(), DetectionSettings.defaults().diagnosis());
        lifecycle.begin(run, 0, alerts::add);
        // Nothing explains it, so nothing but a limit could keep it from being open.
        call(lifecycle, new Step(Call.CRITICAL, "non-finite-values"));

        assertThat(run.alerts().open("non-finite-values").last().severity()).isEqualTo(Severity.CRITICAL);
        assertThat(run.alerts().heldBack(Severity.CRITICAL)).isZero();
    }

    @Test
    void warningsBeyondTheirShareAreHeldBackAndCountedOnceForEachTimeThatTheyWouldHaveOpened() {
        List<Alert> alerts = new ArrayList<>();
        RunState run = new RunState("r");
        AlertLifecycle lifecycle = new AlertLifecycle(
                Catalogue.entries(), DetectionSettings.defaults().diagnosis());
        lifecycle.begin(run, 0, alerts::add);
        int more = 7;
        for (int i = 0; i < AlertLifecycle.WARNINGS_PER_ATTEMPT + more; i++) {
            call(lifecycle, new Step(Call.WARN, "slow-steps"));
            call(lifecycle, new Step(Call.WARN, "slow-steps"));
            call(lifecycle, new Step(Call.CLEAR, "slow-steps"));
        }
        call(lifecycle, new Step(Call.NOTE, "metric-plateau"));

        assertThat(AlertLedger.of(alerts).opened("slow-steps", Severity.WARNING))
                .isEqualTo(AlertLifecycle.WARNINGS_PER_ATTEMPT);
        assertThat(run.alerts().heldBack(Severity.WARNING)).isEqualTo(more);
        assertThat(run.alerts().open("metric-plateau"))
                .as("notes have a share of their own")
                .isNotNull();
        assertThat(new RunWatch(DetectionSettings.defaults()).snapshot(run).alertsHeldBack())
                .isEqualTo(more);
    }

    private static RunState apply(List<Step> steps, List<Alert> alerts) {
        RunState run = new RunState("r");
        RunStateCodec codec = new RunStateCodec();
        AlertLifecycle lifecycle = new AlertLifecycle(
                Catalogue.entries(), DetectionSettings.defaults().diagnosis());
        int attempt = 1;
        for (int i = 0; i < steps.size(); i++) {
            lifecycle.begin(run, 1000L * i, alerts::add);
            Step step = steps.get(i);
            switch (step.call()) {
                case NEXT_ATTEMPT -> {
                    lifecycle.closeAll();
                    run.startAttempt(++attempt);
                }
                case REVIEW -> lifecycle.review();
                case STORE -> run = codec.decode(codec.encode(run));
                default -> call(lifecycle, step);
            }
        }
        return run;
    }

    private static void call(AlertLifecycle lifecycle, Step step) {
        lifecycle.examining(step.detector());
        boolean announced = switch (step.call()) {
            case NOTE -> lifecycle.notes();
            case WARN -> lifecycle.fires(Severity.WARNING);
            case CRITICAL -> lifecycle.fires(Severity.CRITICAL);
            default -> false;
        };
        if (announced) {
            lifecycle.report(AlertMessage.of("Seen."));
        } else if (step.call() == Call.CLEAR) {
            lifecycle.clears();
        } else if (step.call() == Call.SUSPECT) {
            lifecycle.suspects();
        }
    }

    private static void assertOrderly(List<Alert> alerts, RunState run) {
        AlertLedger ledger = AlertLedger.of(alerts);
        for (CatalogueEntry entry : Catalogue.entries()) {
            long open = 0;
            for (Severity severity : Severity.values()) {
                boolean isOpen = run.alerts().open(entry.id()) != null
                        && run.alerts().open(entry.id()).last().severity() == severity;
                open += isOpen ? 1 : 0;
                assertThat(ledger.opened(entry.id(), severity))
                        .as("%s %s", severity, entry.id())
                        .isEqualTo(ledger.resolved(entry.id(), severity)
                                + ledger.closed(entry.id(), severity)
                                + ledger.superseded(entry.id(), severity)
                                + (isOpen ? 1 : 0));
            }
            assertThat(ledger.records(entry.id(), AlertState.OPENED))
                    .as("records of %s", entry.id())
                    .isEqualTo(ledger.records(entry.id(), AlertState.RESOLVED)
                            + ledger.records(entry.id(), AlertState.CLOSED)
                            + ledger.records(entry.id(), AlertState.SUPERSEDED)
                            + open);
        }
        assertSupersessionsMeet(alerts);
        alerts.forEach(AlertIdentityTest::assertRecoveryAgrees);
    }

    /** Who was superseded is named by who superseded it, which was never an alert that had ended. */
    private static void assertSupersessionsMeet(List<Alert> alerts) {
        Map<String, Alert> latest = new HashMap<>();
        alerts.forEach(alert -> latest.put(alert.id(), alert));
        for (Alert alert : latest.values()) {
            assertThat(alert.supersededBy() != null).isEqualTo(alert.state() == AlertState.SUPERSEDED);
            if (alert.supersededBy() != null) {
                assertThat(latest.get(alert.supersededBy()).supersedes()).contains(alert.id());
            }
            for (String id : alert.supersedes()) {
                assertThat(latest.get(id).supersededBy()).isEqualTo(alert.id());
            }
        }
    }

    private static void assertRecoveryAgrees(Alert alert) {
        Action action = alert.recovery().action();
        if (action == Action.GO_BACK_TO_STEP) {
            assertThat(alert.lastHealthyStep()).isEqualTo(alert.recovery().step());
        }
        if (action == Action.START_AGAIN || action == Action.GO_BACK_TO_EPOCH || action == Action.UNKNOWN) {
            assertThat(alert.lastHealthyStep()).as("%s", alert).isNull();
        }
        if (alert.recovery().reason() == dev.gradwatch.detection.alert.Recovery.Reason.BEST_VALIDATION_LOSS) {
            assertThat(alert.bestEpoch()).isEqualTo(alert.recovery().epoch());
        }
        if (alert.state() == AlertState.RESOLVED) {
            assertThat(action).isEqualTo(Action.CONTINUE);
        }
        if (!alert.state().isOpen()) {
            assertThat(alert.stopRecommended()).isFalse();
        }
    }
}

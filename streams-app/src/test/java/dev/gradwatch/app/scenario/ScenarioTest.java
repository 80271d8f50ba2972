package dev.gradwatch.app.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.schemas.Alert;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scenario through the pure core. */
class ScenarioTest {

    /** On average; a note pages nobody, but who reads five of them in a healthy run does not read the sixth. */
    private static final double MOST_NOTES = 0.6;

    @ParameterizedTest
    @MethodSource("scenarios")
    void saysWhatSomebodyWhoTrainsModelsExpects(Scenario scenario) {
        assertThat(scenario.problems(CoreAlerts.of(scenario.records())))
                .as(scenario.scene())
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void saysTheSameWhenRecordsAreRepeated(Scenario scenario) {
        List<String> said = said(scenario.records());

        assertThat(said(Delivery.twice(scenario.records()))).isEqualTo(said);
        assertThat(said(Delivery.late(scenario.records(), 3))).isEqualTo(said);
    }

    @ParameterizedTest
    @MethodSource("longOnes")
    void findsTheSameWhenNeighboursChangePlaces(Scenario scenario) {
        assertThat(scenario.problems(CoreAlerts.of(Delivery.swapped(scenario.records(), 7))))
                .as(scenario.scene())
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void wouldNoticeTheOpposite(Scenario scenario) {
        Scenario healthy = new Scenario(scenario.file(), scenario.runId(), "", scenario.records(), List.of(), Set.of());

        assertThat(scenario.problems(List.of())).hasSameSizeAs(scenario.expected());
        assertThat(healthy.problems(CoreAlerts.of(scenario.records())))
                .hasSizeGreaterThanOrEqualTo(scenario.expected().size());
    }

    @Test
    void writesFewNotesInHealthyRuns() {
        List<Scenario> healthy =
                scenarios().stream().filter(Scenario::isHealthy).toList();
        long notes = healthy.stream()
                .mapToLong(scenario -> Scenario.notes(CoreAlerts.of(scenario.records())))
                .sum();

        assertThat(notes).isLessThanOrEqualTo((long) (MOST_NOTES * healthy.size()));
    }

    /** A record that comes too late is lost, and of six evaluations the loss of one is much. */
    private static Stream<Scenario> longOnes() {
        return scenarios().stream().filter(scenario -> scenario.records().size() > 20);
    }

    /** As text, in which NaN equals NaN. */
    private static List<String> said(List<RunRecord> records) {
        return CoreAlerts.of(records).stream().map(Alert::toString).toList();
    }

    private static List<Scenario> scenarios() {
        return Scenario.all();
    }
}

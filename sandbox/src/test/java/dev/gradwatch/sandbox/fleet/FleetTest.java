package dev.gradwatch.sandbox.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FleetTest {

    private static final int SIZE = 5;
    private final List<RunRecord> said = new ArrayList<>();
    private final Fleet fleet = new Fleet(new FleetPlan(1), 7, SIZE, 30, said::add);

    @Test
    void startsItsRunsOneAfterTheOther() {
        goOn(0, 1_000);
        assertThat(fleet.running()).isEqualTo(3);
        goOn(1_000, 4_000);
        assertThat(fleet.running()).isEqualTo(SIZE);
    }

    @Test
    void keepsThePace() {
        goOn(0, 10_000);
        long last = stepsOf(new FleetPlan(1).run(7).runId()).reduce(0L, (one, other) -> other);
        assertThat(last).isBetween(285L, 300L);
    }

    @Test
    void joinsStepsIntoFewerRecords() {
        goOn(0, 10_000);
        long records = said.stream()
                .filter(record -> record.runId().equals("digits-cosine-0009"))
                .filter(record -> record.event() instanceof GradientNorms)
                .count();
        assertThat(records).isBetween(10L, 40L);
    }

    @Test
    void losesAndRepeatsNoStepOnTheWay() {
        goOn(0, 30_000);
        fleet.stop(30_000, "test over");
        said.stream()
                .map(RunRecord::runId)
                .distinct()
                .forEach(run -> assertThat(stepsOf(run)).as(run).isSorted().doesNotHaveDuplicates());
    }

    @Test
    void replacesARunThatEnds() {
        goOn(0, 60_000);
        assertThat(fleet.ended()).isPositive();
        assertThat(fleet.running()).isEqualTo(SIZE);
        assertThat(fleet.nextNumber()).isEqualTo(7 + SIZE + fleet.ended());
    }

    @Test
    void saysGoodbyeForEveryRunButTheHangingOne() {
        goOn(0, 12_000);
        fleet.stop(12_000, "sandbox ended");
        Map<String, RunRecord> last = new HashMap<>();
        said.forEach(record -> last.put(record.runId(), record));
        assertThat(last.remove("keyword-spotter-0008").event()).isNotInstanceOf(RunFinished.class);
        assertThat(last).hasSize(SIZE - 1);
        assertThat(last.values())
                .allSatisfy(record -> assertThat(record.event()).isInstanceOf(RunFinished.class));
    }

    @Test
    void registersEveryRunBeforeAnythingElse() {
        goOn(0, 5_000);
        Map<String, RunRecord> first = new HashMap<>();
        said.forEach(record -> first.putIfAbsent(record.runId(), record));
        assertThat(first.values())
                .hasSize(SIZE)
                .allSatisfy(record -> assertThat(record.event())
                        .isInstanceOfSatisfying(
                                RunStarted.class,
                                started -> assertThat(started.team()).isNotBlank()));
    }

    private void goOn(long from, long to) {
        for (long now = from; now < to; now += 33) {
            fleet.advance(now);
        }
    }

    private Stream<Long> stepsOf(String runId) {
        return said.stream()
                .filter(record -> record.runId().equals(runId))
                .map(RunRecord::event)
                .filter(GradientNorms.class::isInstance)
                .flatMap(event -> ((GradientNorms) event).steps().stream())
                .map(StepNorms::step);
    }
}

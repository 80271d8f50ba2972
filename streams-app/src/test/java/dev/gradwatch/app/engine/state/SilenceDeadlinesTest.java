package dev.gradwatch.app.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SilenceDeadlinesTest {

    private final SilenceDeadlines deadlines = new SilenceDeadlines();

    @Test
    void givesRunsInTheOrderOfTheirDeadlines() {
        deadlines.set(watched("late"), 30);
        deadlines.set(watched("early"), 10);
        deadlines.set(watched("never"), Long.MAX_VALUE);
        assertThat(ids(deadlines.takeDue(9))).isEmpty();
        assertThat(ids(deadlines.takeDue(30))).containsExactly("early", "late");
        assertThat(ids(deadlines.takeDue(1000))).isEmpty();
    }

    @Test
    void followsADeadlineThatMoves() {
        WatchedRun run = watched("run");
        deadlines.set(run, 10);
        deadlines.set(run, 50);
        assertThat(ids(deadlines.takeDue(49))).isEmpty();
        deadlines.set(run, 48);
        assertThat(ids(deadlines.takeDue(49))).containsExactly("run");
    }

    @Test
    void forgetsARunThatWasRemovedAlsoWhenItComesBack() {
        WatchedRun first = watched("run");
        deadlines.set(first, 10);
        deadlines.remove(first);
        WatchedRun second = watched("run");
        deadlines.set(second, 20);
        assertThat(ids(deadlines.takeDue(15))).isEmpty();
        assertThat(deadlines.takeDue(20)).containsExactly(second);
    }

    @Test
    void agreesWithAPlainMapWhateverHappens() {
        long seed = 20261121;
        Random random = new Random(seed);
        Map<String, WatchedRun> runs = new HashMap<>();
        Map<String, Long> expected = new HashMap<>();
        long now = 0;
        for (int i = 0; i < 20_000; i++) {
            String id = "run-" + random.nextInt(50);
            int choice = random.nextInt(10);
            if (choice < 7) {
                WatchedRun run = runs.computeIfAbsent(id, this::watched);
                long deadline = now + random.nextInt(100);
                deadlines.set(run, deadline);
                expected.put(id, deadline);
            } else if (choice == 7 && runs.containsKey(id)) {
                deadlines.remove(runs.remove(id));
                expected.remove(id);
            } else {
                now += random.nextInt(20);
                long until = now;
                List<String> due = expected.entrySet().stream()
                        .filter(entry -> entry.getValue() <= until)
                        .map(Map.Entry::getKey)
                        .toList();
                assertThat(ids(deadlines.takeDue(now)))
                        .as("seed %d, operation %d", seed, i)
                        .containsExactlyInAnyOrderElementsOf(due);
                due.forEach(expected::remove);
            }
        }
    }

    private WatchedRun watched(String runId) {
        WatchedRun run = new WatchedRun(runId);
        deadlines.add(run);
        return run;
    }

    private static List<String> ids(List<WatchedRun> runs) {
        return runs.stream().map(WatchedRun::runId).collect(Collectors.toList());
    }
}

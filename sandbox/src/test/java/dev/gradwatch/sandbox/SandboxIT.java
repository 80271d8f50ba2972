package dev.gradwatch.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.commands.terminal.Style;
import dev.gradwatch.sandbox.fleet.FleetPlan;
import dev.gradwatch.sandbox.fleet.PlannedRun;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole system, for half a minute, twice. */
class SandboxIT {

    private static final long SEED = 1;

    @TempDir
    private Path folder;

    private final StringWriter printed = new StringWriter();

    @Test
    void findsTheFaultyRunsLeavesTheSoundOnesAloneAndGoesOnAfterARestart() throws InterruptedException {
        SandboxReport first = run(Duration.ofSeconds(30));

        FleetPlan plan = new FleetPlan(SEED);
        assertThat(first.found()).as(printed.toString()).isGreaterThanOrEqualTo(6);
        assertThat(first.alerts().loudRuns())
                .as(printed.toString())
                .allMatch(run -> plan.find(run).filter(PlannedRun::healthy).isEmpty());
        assertThat(first.alerts().byDetector()).containsKeys("zero-gradients", "non-finite-values", "dead-layers");
        assertThat(printed.toString().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));

        printed.getBuffer().setLength(0);
        SandboxReport second = run(Duration.ofSeconds(8));

        assertThat(second.fleet().steps()).isPositive();
        try (SandboxFolder kept = SandboxFolder.open(folder.resolve("sandbox"), false)) {
            assertThat(kept.nextRun())
                    .isEqualTo(first.fleet().started() + second.fleet().started());
        }
    }

    private SandboxReport run(Duration length) throws InterruptedException {
        Screen screen = new Screen(new PrintWriter(printed), Style.PLAIN, false);
        SandboxOptions options =
                new SandboxOptions(folder.resolve("sandbox"), false, length, FleetPlan.CAST, SEED, false);
        return new Sandbox(options, new SandboxScreen(screen, false)).run();
    }
}

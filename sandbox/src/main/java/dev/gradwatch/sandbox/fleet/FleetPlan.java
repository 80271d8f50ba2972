package dev.gradwatch.sandbox.fleet;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * An endless list of runs: the same cast again and again, each time with other random numbers. Every fault is in the recipe (a rate, a
 * scale, a batch), never in the numbers that the run publishes. Immutable.
 */
public final class FleetPlan {

    private static final List<Role> ROLES = List.of(Role.values());

    /** How many runs there are before the cast repeats. */
    public static final int CAST = ROLES.size();

    private static final Pattern NUMBERED = Pattern.compile(".*-(\\d{4,9})");

    private final long seed;

    public FleetPlan(long seed) {
        this.seed = seed;
    }

    /** The run with this number. */
    public PlannedRun run(long number) {
        int place = (int) (number % CAST);
        Role role = ROLES.get(place);
        long round = number / CAST;
        Role.Script script = role.script(seed * 1_000_003 + round * 1_009 + place);
        return new PlannedRun(
                number,
                role.runName(),
                role.project(),
                role.team(),
                role.cluster(),
                "%s-node-%02d".formatted(role.cluster(), 1 + place % 4),
                role.story(),
                role.healthy(),
                script.pretraining(),
                script.attempts(),
                script.quietFrom());
    }

    /** The run with this id, when it is one of the plan's. */
    public Optional<PlannedRun> find(String runId) {
        Matcher numbered = NUMBERED.matcher(runId);
        if (!numbered.matches()) {
            return Optional.empty();
        }
        PlannedRun run = run(Long.parseLong(numbered.group(1)));
        return run.runId().equals(runId) ? Optional.of(run) : Optional.empty();
    }

    /** The first run of that name. */
    public PlannedRun run(String name) {
        return IntStream.range(0, CAST)
                .mapToObj(this::run)
                .filter(run -> run.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no run named '" + name + "' in the fleet; there are "
                        + String.join(
                                ", ",
                                IntStream.range(0, CAST)
                                        .mapToObj(number -> run(number).name())
                                        .toList())));
    }
}

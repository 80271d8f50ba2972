package dev.gradwatch.sandbox.fleet;

import dev.gradwatch.detection.event.RunFinished.Outcome;
import dev.gradwatch.sandbox.training.Recipe;
import java.util.List;

/**
 * One run of the fleet, before it starts.
 *
 * @param number counts all runs that the fleet ever started, from 0
 * @param name what people call it; the run id is made of it and the number
 * @param story what is special about it, in one sentence for people
 * @param healthy whether nothing is wrong with it
 * @param pretraining what the weights learned before the run, or {@code null}
 * @param attempts one after the other; each takes over the weights of the one before
 * @param quietFrom the optimizer step before which it falls silent without a word, or {@link Long#MAX_VALUE}
 */
public record PlannedRun(
        long number,
        String name,
        String project,
        String team,
        String cluster,
        String node,
        String story,
        boolean healthy,
        Recipe pretraining,
        List<Attempt> attempts,
        long quietFrom) {

    /**
     * A start of the run.
     *
     * @param epochs after how many epochs of the whole run it ends; the recipe may have planned more
     */
    public record Attempt(Recipe recipe, int epochs, Outcome outcome, String reason) {

        static Attempt whole(Recipe recipe) {
            return new Attempt(recipe, recipe.epochs(), Outcome.COMPLETED, null);
        }
    }

    public PlannedRun {
        attempts = List.copyOf(attempts);
    }

    public String runId() {
        return "%s-%04d".formatted(name, number);
    }
}

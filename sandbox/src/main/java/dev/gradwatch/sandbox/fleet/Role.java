package dev.gradwatch.sandbox.fleet;

import static dev.gradwatch.sandbox.training.Activation.RELU;
import static dev.gradwatch.sandbox.training.Activation.SIGMOID;
import static dev.gradwatch.sandbox.training.Activation.TANH;
import static dev.gradwatch.sandbox.training.Optimizer.Kind.ADAM;
import static dev.gradwatch.sandbox.training.Optimizer.Kind.MOMENTUM;
import static dev.gradwatch.sandbox.training.Optimizer.Kind.SGD;

import dev.gradwatch.detection.event.RunFinished.Outcome;
import dev.gradwatch.sandbox.fleet.PlannedRun.Attempt;
import dev.gradwatch.sandbox.training.Disturbance;
import dev.gradwatch.sandbox.training.Problem;
import dev.gradwatch.sandbox.training.Problems;
import dev.gradwatch.sandbox.training.Recipe;
import dev.gradwatch.sandbox.training.Schedule;
import java.util.List;
import java.util.Locale;

/** The cast of the fleet, in the order in which they start: a fault now and then among sound runs. */
enum Role {
    DIGITS_MLP("handwriting", "vision", "pisa", "the reference model, nothing special", true) {
        @Override
        Script script(long seed) {
            return Script.whole(
                    Recipe.sound(digits(seed), seed).optimizer(ADAM, 0.002).length(16, 30));
        }
    },
    PAYMENTS_RAW_AMOUNTS("fraud", "risk", "turin", "amounts in cents, up to 1e10, not normalized", false) {
        @Override
        Script script(long seed) {
            Recipe recipe = Recipe.sound(Problems.moons(400, 0.2, seed).scaled(1e10), seed)
                    .optimizer(SGD, 0.01);
            return Script.failing(recipe, 30, "no progress, given up");
        }
    },
    INTENT_CLASSIFIER("assistant", "language", "pisa", "ten intents, converges early", true) {
        @Override
        Script script(long seed) {
            return Script.whole(
                    Recipe.sound(Problems.blobs(500, 10, 20, 0.5, seed), seed).length(16, 30));
        }
    },
    ENERGY_LOAD_RATE_10("load-forecast", "forecasting", "turin", "SGD with a learning rate of 10", false) {
        @Override
        Script script(long seed) {
            Recipe recipe =
                    Recipe.sound(Problems.curve(400, 8, 0.2, seed), seed).optimizer(SGD, 10);
            return Script.failing(recipe, 12, "loss is NaN");
        }
    },
    DEMAND_FORECAST("retail", "forecasting", "turin", "a regression down to its noise floor", true) {
        @Override
        Script script(long seed) {
            return Script.whole(Recipe.sound(Problems.curve(600, 6, 0.3, seed), seed)
                    .hidden(TANH, 0, 12)
                    .length(24, 40));
        }
    },
    DIGITS_DYING_RELU("handwriting", "vision", "pisa", "ReLU layers at an Adam rate of 0.3", false) {
        @Override
        Script script(long seed) {
            return Script.whole(
                    Recipe.sound(digits(seed), seed).optimizer(ADAM, 0.3).length(16, 30));
        }
    },
    CLICK_MODEL("search", "ranking", "siena", "two moons, tanh", true) {
        @Override
        Script script(long seed) {
            return Script.whole(Recipe.sound(Problems.moons(900, 0.2, seed), seed)
                    .hidden(TANH, 0, 16, 16)
                    .length(24, 30));
        }
    },
    SENTIMENT_DEEP_SIGMOID("assistant", "language", "pisa", "eight sigmoid layers on top of each other", false) {
        @Override
        Script script(long seed) {
            return Script.whole(Recipe.sound(digits(seed), seed)
                    .hidden(SIGMOID, 0, 24, 24, 24, 24, 24, 24, 24, 24)
                    .optimizer(ADAM, 0.001)
                    .length(24, 45));
        }
    },
    KEYWORD_SPOTTER("wake-word", "speech", "siena", "the process hangs after a few seconds", false) {
        @Override
        Script script(long seed) {
            Recipe recipe = Recipe.sound(Problems.blobs(400, 5, 12, 0.8, seed), seed);
            return new Script(null, List.of(Attempt.whole(recipe)), 150);
        }
    },
    DIGITS_COSINE("handwriting", "vision", "pisa", "warm-up, then a cosine schedule", true) {
        @Override
        Script script(long seed) {
            Recipe recipe = Recipe.sound(digits(seed), seed).length(16, 30);
            long steps = recipe.stepsPerEpoch() * recipe.epochs();
            return Script.whole(recipe.schedule(Schedule.cosine(0.005, steps / 20, steps), steps / 20));
        }
    },
    DIGITS_BAD_SHARD("handwriting", "vision", "turin", "a damaged shard: now and then a batch far too large", false) {
        @Override
        Script script(long seed) {
            return Script.whole(Recipe.sound(digits(seed), seed)
                    .optimizer(MOMENTUM, 0.01)
                    .length(16, 30)
                    .disturbed(Disturbance.corruptBatches(130, 29, 30)));
        }
    },
    RELEVANCE_SCORE("search", "ranking", "siena", "plain SGD, the rate drops once", true) {
        @Override
        Script script(long seed) {
            Recipe recipe = Recipe.sound(Problems.curve(1800, 5, 0.2, seed), seed)
                    .hidden(TANH, 0, 12)
                    .optimizer(SGD, 0.1)
                    .length(60, 40);
            return Script.whole(recipe.schedule(Schedule.dropAt(0.1, 20 * recipe.stepsPerEpoch()), 0));
        }
    },
    TAGGER_RATE_1E10("assistant", "language", "pisa", "a learning rate of 1e-10: no weight ever moves", false) {
        @Override
        Script script(long seed) {
            return Script.whole(
                    Recipe.sound(Problems.blobs(400, 10, 16, 0.7, seed), seed).optimizer(ADAM, 1e-10));
        }
    },
    DIGITS_SMALL_BATCH("handwriting", "vision", "turin", "batches of eight: noisy and fine", true) {
        @Override
        Script script(long seed) {
            return Script.whole(Recipe.sound(Problems.digits(900, 0.3, seed), seed)
                    .optimizer(ADAM, 0.004)
                    .length(8, 8));
        }
    },
    DIGITS_RAW_PIXELS("handwriting", "vision", "pisa", "pixels from 0 to 255; the second attempt scales them", false) {
        @Override
        Script script(long seed) {
            Recipe sound = Recipe.sound(digits(seed), seed).hidden(RELU, 0, 64).optimizer(ADAM, 0.001);
            Recipe raw = sound.with(sound.problem().scaled(255));
            return new Script(
                    null,
                    List.of(
                            new Attempt(raw, 10, Outcome.CANCELLED, "restarted with scaled inputs"),
                            new Attempt(sound, 40, Outcome.COMPLETED, null)),
                    Long.MAX_VALUE);
        }
    },
    TOPIC_FINE_TUNING("assistant", "language", "pisa", "goes on from pre-trained weights", true) {
        @Override
        Script script(long seed) {
            Recipe recipe = Recipe.sound(Problems.blobs(500, 8, 16, 1.0, seed), seed);
            return new Script(
                    recipe.length(16, 1),
                    List.of(Attempt.whole(recipe.optimizer(ADAM, 0.0015).length(16, 14))),
                    Long.MAX_VALUE);
        }
    },
    BASKET_SIZE_RATE_10("retail", "forecasting", "turin", "Adam with a learning rate of 10", false) {
        @Override
        Script script(long seed) {
            return Script.whole(
                    Recipe.sound(Problems.curve(400, 8, 0.2, seed), seed).optimizer(ADAM, 10));
        }
    },
    CHURN_RISK("fraud", "risk", "turin", "clipped gradients", true) {
        @Override
        Script script(long seed) {
            return Script.whole(
                    Recipe.sound(Problems.moons(900, 0.2, seed), seed).clip(1).length(24, 30));
        }
    },
    STOCK_LEVEL_RATE_1E7("retail", "forecasting", "turin", "a learning rate of 1e-7: it crawls", false) {
        @Override
        Script script(long seed) {
            return Script.whole(
                    Recipe.sound(Problems.curve(400, 8, 0.2, seed), seed).optimizer(ADAM, 1e-7));
        }
    },
    SPEAKER_ID("wake-word", "speech", "siena", "preempted once, resumed as attempt 2", true) {
        @Override
        Script script(long seed) {
            Recipe recipe = Recipe.sound(Problems.blobs(500, 6, 12, 0.9, seed), seed)
                    .optimizer(MOMENTUM, 0.002)
                    .length(16, 30);
            return new Script(
                    null,
                    List.of(new Attempt(recipe, 5, Outcome.CANCELLED, "preempted"), Attempt.whole(recipe)),
                    Long.MAX_VALUE);
        }
    },
    ACCENT_PROBE("wake-word", "speech", "siena", "a probe of eight epochs", true) {
        @Override
        Script script(long seed) {
            return Script.whole(
                    Recipe.sound(Problems.blobs(400, 4, 12, 0.8, seed), seed).length(16, 8));
        }
    },
    PRICE_ELASTICITY("retail", "forecasting", "siena", "momentum, large batches", true) {
        @Override
        Script script(long seed) {
            return Script.whole(Recipe.sound(Problems.curve(800, 6, 0.25, seed), seed)
                    .hidden(TANH, 0, 12)
                    .optimizer(MOMENTUM, 0.005)
                    .length(32, 45));
        }
    };

    private final String project;
    private final String team;
    private final String cluster;
    private final String story;
    private final boolean healthy;

    Role(String project, String team, String cluster, String story, boolean healthy) {
        this.project = project;
        this.team = team;
        this.cluster = cluster;
        this.story = story;
        this.healthy = healthy;
    }

    /** What the run does when its random numbers start from this seed. */
    abstract Script script(long seed);

    String runName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Problem digits(long seed) {
        return Problems.digits(600, 0.15, seed);
    }

    String project() {
        return project;
    }

    String team() {
        return team;
    }

    String cluster() {
        return cluster;
    }

    String story() {
        return story;
    }

    boolean healthy() {
        return healthy;
    }

    /** What happens in a run; see {@link PlannedRun} for the parts. */
    record Script(Recipe pretraining, List<Attempt> attempts, long quietFrom) {

        static Script whole(Recipe recipe) {
            return new Script(null, List.of(Attempt.whole(recipe)), Long.MAX_VALUE);
        }

        static Script failing(Recipe recipe, int epochs, String reason) {
            return new Script(null, List.of(new Attempt(recipe, epochs, Outcome.FAILED, reason)), Long.MAX_VALUE);
        }
    }
}

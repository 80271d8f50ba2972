package dev.gradwatch.sandbox.training;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A model being trained after a {@link Recipe}, one optimizer step a call. Everything it reports was measured. Steps and epochs count from
 * 0. Owned by one thread.
 */
public final class Training {

    private final Recipe recipe;
    private final Network network;
    private final List<Optimizer> optimizers;
    private final Random shuffling;
    private final int[] order;
    private int at;
    private long step;
    private int epoch;
    private double lossSum;
    private double rightSum;
    private double normSum;

    /** Starts from random weights. */
    public Training(Recipe recipe) {
        this(recipe, null, 0);
    }

    private Training(Recipe recipe, Network checkpoint, int firstEpoch) {
        this.recipe = recipe;
        Random random = new Random(recipe.seed());
        network = new Network(
                recipe.problem().training().width(),
                recipe.hidden(),
                recipe.activation(),
                recipe.hiddenBias(),
                recipe.problem().outputs(),
                recipe.loss(),
                random);
        if (checkpoint != null) {
            network.restore(checkpoint);
        }
        optimizers = network.layers().stream()
                .map(layer -> recipe.optimizer().forParameters(layer.parameters.length))
                .toList();
        shuffling = new Random(random.nextLong());
        order = new int[recipe.problem().training().size()];
        for (int sample = 0; sample < order.length; sample++) {
            order[sample] = sample;
        }
        shuffle();
        epoch = firstEpoch;
        step = firstEpoch * recipe.stepsPerEpoch();
    }

    /** A new attempt that takes over these weights but no optimizer state, from the next whole epoch on. */
    public Training resumed(Recipe next) {
        return new Training(next, network, epoch);
    }

    /** A new training on top of these weights, counted from the beginning: fine-tuning. */
    public Training tuned(Recipe next) {
        return new Training(next, network, 0);
    }

    /** What this training says of itself when it registers; the caller adds names and places. */
    public RunStarted.Builder registration() {
        Problem problem = recipe.problem();
        return RunStarted.builder()
                .loss(recipe.loss().usualName())
                .outputActivation(recipe.loss().outputActivation())
                .outputUnits(problem.outputs())
                .classes(problem.classes() == 0 ? null : problem.classes())
                .optimizer(recipe.optimizer().usualName())
                .learningRate(recipe.learningRate())
                .warmupSteps(recipe.warmupSteps() == 0 ? null : recipe.warmupSteps())
                .clipThreshold(recipe.clip())
                .batchSize(recipe.batchSize())
                .stepsPerEpoch(recipe.stepsPerEpoch())
                .plannedEpochs(recipe.epochs())
                .plannedSteps(recipe.epochs() * recipe.stepsPerEpoch())
                .baselineLoss(problem.classes() == 0 ? problem.targetVariance() : null)
                .layers(network.describe());
    }

    public boolean finished() {
        return epoch >= recipe.epochs();
    }

    public long step() {
        return step;
    }

    /**
     * Does one optimizer step.
     *
     * @param timeMillis when
     */
    public StepNorms next(long timeMillis) {
        int until = Math.min(at + recipe.batchSize(), order.length);
        int size = until - at;
        double[][] inputs = new double[size][];
        double[][] targets = new double[size][];
        for (int sample = 0; sample < size; sample++) {
            inputs[sample] = recipe.problem().training().inputs()[order[at + sample]];
            targets[sample] = recipe.problem().training().targets()[order[at + sample]];
        }
        at = until;
        Network.Result result = network.gradients(recipe.disturbance().disturb(step, inputs), targets);
        double norm = network.gradientNorm();
        double rate = recipe.schedule().rate(step);
        double factor = recipe.clip() != null && norm > recipe.clip() ? recipe.clip() / norm : 1;
        List<LayerNorms> layers = network.learn(optimizers, rate, factor);
        lossSum += result.loss() * size;
        rightSum += result.accuracy() * size;
        normSum += norm * size;
        return new StepNorms(step++, (double) epoch, timeMillis, single(result.loss()), norm, rate, layers);
    }

    /** The epoch that ended with the last step, if one did. To be asked once after every step. */
    public Optional<EpochCompleted> completedEpoch() {
        if (at < order.length) {
            return Optional.empty();
        }
        Problem.Samples validation = recipe.problem().validation();
        Network.Result result = network.evaluate(validation.inputs(), validation.targets());
        boolean classifies = recipe.loss().classifies();
        EpochCompleted completed = new EpochCompleted(
                (double) epoch,
                step - 1,
                single(lossSum / order.length),
                single(result.loss()),
                classifies ? rightSum / order.length : null,
                classifies ? result.accuracy() : null,
                recipe.schedule().rate(step - 1),
                normSum / order.length,
                Map.of());
        epoch++;
        at = 0;
        lossSum = 0;
        rightSum = 0;
        normSum = 0;
        shuffle();
        return Optional.of(completed);
    }

    /** Losses come in single precision, as frameworks compute them: a change behind the seventh digit is none. */
    private static double single(double loss) {
        return (float) loss;
    }

    private void shuffle() {
        for (int place = order.length - 1; place > 0; place--) {
            int other = shuffling.nextInt(place + 1);
            int sample = order[place];
            order[place] = order[other];
            order[other] = sample;
        }
    }
}

package dev.gradwatch.sandbox.examples;

import dev.gradwatch.detection.detector.gradient.VanishingGradientsDetector;
import dev.gradwatch.detection.detector.gradient.ZeroGradientsDetector;
import dev.gradwatch.detection.detector.loss.LossDivergenceDetector;
import dev.gradwatch.detection.detector.loss.UnexpectedInitialLossDetector;
import dev.gradwatch.detection.detector.update.FrozenUpdatesDetector;
import java.util.List;

/**
 * A script of {@code examples/articles} that trains within seconds, and the runs that it publishes.
 *
 * @param name of the script, without its ending
 */
public record Example(String name, List<ExpectedRun> runs) {

    /** The quickest first, so that a short sandbox sees some of them end. A test holds them against {@code expected.py}. */
    public static final List<Example> QUICK = List.of(
            of(
                    "004_1_scaling",
                    ExpectedRun.faulty("004-1-probability", ZeroGradientsDetector.ID),
                    ExpectedRun.faulty("004-1-logits", LossDivergenceDetector.ID, UnexpectedInitialLossDetector.ID)),
            of("002_1b_high_rate", ExpectedRun.faulty("002-1b-high-rate", LossDivergenceDetector.ID)),
            of("004_3_wrong_loss", ExpectedRun.faulty("004-3-wrong-loss", UnexpectedInitialLossDetector.ID)),
            of("000_1_low_rate", ExpectedRun.faulty("000-1-low-rate", FrozenUpdatesDetector.ID)),
            of(
                    "004_2_sigmoid_layers",
                    ExpectedRun.sound("004-2-three-layers"),
                    ExpectedRun.faulty("004-2-eight-layers", VanishingGradientsDetector.ID)));

    public Example {
        runs = List.copyOf(runs);
    }

    private static Example of(String name, ExpectedRun... runs) {
        return new Example(name, List.of(runs));
    }

    String script() {
        return name + ".py";
    }
}

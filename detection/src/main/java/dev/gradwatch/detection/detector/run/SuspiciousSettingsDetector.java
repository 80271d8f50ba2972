package dev.gradwatch.detection.detector.run;

import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.detector.AlertMessage;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.Detector;
import dev.gradwatch.detection.detector.DetectorSettings;
import dev.gradwatch.detection.detector.FindingReporter;
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.detector.Subject;
import dev.gradwatch.detection.detector.SymptomTrait;
import dev.gradwatch.detection.detector.TypicalLearningRate;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import java.util.Locale;

/**
 * Settings that seldom work, told from the registration before the first step.
 *
 * <p>A note: a binary loss with more than two classes and a softmax, a softmax over one unit, or a learning rate outside 1e-6 to 3e-2 (Adam and its family,
 * and optimizers of unknown name) or 1e-5 to 1 (plain stochastic gradient descent). Several labels at once are the honest reason for a binary loss over many outputs: with
 * sigmoid outputs nothing is said.
 *
 * <p>Source: the ranges that range tests and the optimizers' own defaults span. Known false alarms: rates for optimizers that scale differently.
 */
public final class SuspiciousSettingsDetector implements Detector {

    public static final String ID = "suspicious-settings";

    private static final Parameter ADAPTIVE_LOW = new Parameter(
            "adaptive-low",
            TypicalLearningRate.ADAPTIVE.low(),
            0,
            1,
            "learning rate",
            "Below this is little for Adam, its family and RMSprop.");
    private static final Parameter ADAPTIVE_HIGH = new Parameter(
            "adaptive-high",
            TypicalLearningRate.ADAPTIVE.high(),
            0,
            1e6,
            "learning rate",
            "Above this is much for them.");
    private static final Parameter SGD_LOW = new Parameter(
            "sgd-low", TypicalLearningRate.DESCENT.low(), 0, 1, "learning rate", "Below this is little for SGD.");
    private static final Parameter SGD_HIGH = new Parameter(
            "sgd-high", TypicalLearningRate.DESCENT.high(), 0, 1e6, "learning rate", "Above this is much for SGD.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Suspicious settings")
            .summary("The registration names a loss, an output or a learning rate that seldom works together.")
            .severities(Severity.INFO)
            .about(Subject.SETTINGS, SymptomTrait.OUTPUT_MISMATCH_POSSIBLE)
            .suggests(
                    CauseCode.WRONG_LOSS_OR_OUTPUT_ACTIVATION,
                    0.1,
                    "the loss or the output does not fit the classes",
                    run -> hasWrongOutput(run.registration()))
            .suggests(
                    CauseCode.LEARNING_RATE_TOO_HIGH,
                    0.1,
                    "the learning rate is above the usual range",
                    run -> TypicalLearningRate.rateOf(run)
                            > TypicalLearningRate.of(run.registration()).high())
            .suggests(
                    CauseCode.LEARNING_RATE_TOO_LOW,
                    0.1,
                    "the learning rate is below the usual range",
                    run -> TypicalLearningRate.rateOf(run)
                            < TypicalLearningRate.of(run.registration()).low())
            .parameters(ADAPTIVE_LOW, ADAPTIVE_HIGH, SGD_LOW, SGD_HIGH)
            .build();

    private final double adaptiveLow;
    private final double adaptiveHigh;
    private final double sgdLow;
    private final double sgdHigh;

    public SuspiciousSettingsDetector(DetectorSettings settings) {
        adaptiveLow = settings.get(ID, ADAPTIVE_LOW);
        adaptiveHigh = settings.get(ID, ADAPTIVE_HIGH);
        sgdLow = settings.get(ID, SGD_LOW);
        sgdHigh = settings.get(ID, SGD_HIGH);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return 0;
    }

    @Override
    public void examine(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        if (!(now.other() instanceof RunStarted started)) {
            return;
        }
        if (hasBinaryLossOnManyClasses(started)) {
            note(
                    reporter,
                    "The loss is " + started.loss() + " on " + started.classes()
                            + " classes; it expects two, or one output for each label.",
                    started.classes());
        } else if (hasSoftmaxOverOneUnit(started)) {
            note(reporter, "The output is a softmax over one unit, which is 1 whatever the model computes.", 1);
        } else if (started.learningRate() != null) {
            examineRate(started, reporter);
        }
    }

    private static boolean hasWrongOutput(RunStarted started) {
        return started != null && (hasBinaryLossOnManyClasses(started) || hasSoftmaxOverOneUnit(started));
    }

    private static boolean hasBinaryLossOnManyClasses(RunStarted started) {
        return plain(started.loss()).contains("binary")
                && started.classes() != null
                && started.classes() > 2
                && !plain(started.outputActivation()).contains("sigmoid");
    }

    private static boolean hasSoftmaxOverOneUnit(RunStarted started) {
        return plain(started.outputActivation()).contains("softmax")
                && started.outputUnits() != null
                && started.outputUnits() == 1;
    }

    private void examineRate(RunStarted started, FindingReporter reporter) {
        double rate = started.learningRate();
        boolean sgd = TypicalLearningRate.of(started).equals(TypicalLearningRate.DESCENT);
        double low = sgd ? sgdLow : adaptiveLow;
        double high = sgd ? sgdHigh : adaptiveHigh;
        if (rate > high || rate < low) {
            String optimizer = started.optimizer() == null ? "most optimizers" : started.optimizer();
            note(
                    reporter,
                    "The learning rate is " + NumberText.number(rate) + "; " + optimizer + " usually learns between "
                            + NumberText.number(low) + " and " + NumberText.number(high) + ".",
                    rate);
        }
    }

    private static void note(FindingReporter reporter, String words, double observed) {
        if (reporter.notes()) {
            reporter.report(AlertMessage.of(words).with("observed", observed, null));
        }
    }

    private static String plain(String text) {
        return text == null
                ? ""
                : text.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
    }
}

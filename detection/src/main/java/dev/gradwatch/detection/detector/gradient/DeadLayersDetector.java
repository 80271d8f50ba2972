package dev.gradwatch.detection.detector.gradient;

import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.alert.Recovery;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.detector.AlertMessage;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.Detector;
import dev.gradwatch.detection.detector.DetectorSettings;
import dev.gradwatch.detection.detector.FaultEffect;
import dev.gradwatch.detection.detector.FindingReporter;
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.detector.RequiredField;
import dev.gradwatch.detection.detector.Subject;
import dev.gradwatch.detection.detector.SymptomTrait;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.state.Layer;
import dev.gradwatch.detection.state.Layers;
import dev.gradwatch.detection.state.NormCurve;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import java.util.ArrayList;
import java.util.List;

/**
 * Layers that get no gradient while others do.
 *
 * <p>Rule: 99.9 % of a layer's gradient is exactly zero, or its norm is below 1e-12, in 10 steps in a row while the global norm is not zero.
 * Layers registered as frozen never count, nor do layers that are sparse by nature (embeddings). A layer that was alive and died is a
 * warning; critical when every layer but the last is dead. One that never had a gradient is a note unless the run does not learn either:
 * people freeze layers without saying so.
 *
 * <p>Source: SageMaker Debugger's DeadRelu and DeepLocalize, with persistence and exemptions of our own.
 */
public final class DeadLayersDetector implements Detector {

    public static final String ID = "dead-layers";

    private static final Parameter STEPS =
            new Parameter("steps", 10, 2, 10_000, "steps", "Steps in a row without gradient before a layer is dead.");
    private static final Parameter LEARNS = new Parameter(
            "learns",
            0.1,
            0,
            1,
            "share of the start loss",
            "A run that has improved by this much learns: layers that never had a gradient are then only a note.");
    private static final Parameter PATIENCE = new Parameter(
            "patience",
            200,
            1,
            1_000_000,
            "steps",
            "Steps before a layer that never had a gradient is held against a run that does not learn.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Dead layers")
            .summary("A layer's gradient is exactly zero for many steps while other layers still learn.")
            .severities(Severity.INFO, Severity.WARNING, Severity.CRITICAL)
            .about(Subject.WEIGHTS, SymptomTrait.DEAD_LAYERS)
            .suggests(CauseCode.LEARNING_RATE_TOO_HIGH, 0.45)
            .suggests(CauseCode.DYING_RELU, 0.4)
            .needs(RequiredField.LAYERS)
            .parameters(STEPS, LEARNS, PATIENCE)
            .affecting(FaultEffect.of(FaultEffect.Kind.DAMAGES_WEIGHTS)
                    .goingBackTo(
                            run -> run.stepBeforeNorms(run.layers().longestZeroRun()),
                            Recovery.Reason.LEARNED_BEFORE_FAULT)
                    .stoppingToLearn())
            .build();

    /** Steps in a row without a dead layer: a layer that twitches once has not come back. */
    private static final int LIVELY = 0;

    private final double steps;
    private final double learns;
    private final double patience;

    public DeadLayersDetector(DetectorSettings settings) {
        steps = settings.get(ID, STEPS);
        learns = settings.get(ID, LEARNS);
        patience = settings.get(ID, PATIENCE);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return 1;
    }

    @Override
    public void examine(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        if (now.layers().isEmpty()) {
            return;
        }
        Layers layers = run.layers();
        int learning = 0;
        int dead = 0;
        int died = 0;
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            if (layer.isFrozen()) {
                continue;
            }
            learning++;
            if (layer.zeroRun() >= steps) {
                dead++;
                died += layer.wasAlive() ? 1 : 0;
            }
        }
        if (dead == 0) {
            memory[LIVELY]++;
            if (memory[LIVELY] >= 2 * steps) {
                reporter.clears();
            }
            return;
        }
        memory[LIVELY] = 0;
        if (now.normArrived() && now.norm() < NormCurve.ZERO) {
            return;
        }
        if (died > 0) {
            if (reporter.fires(died >= learning - 1 ? Severity.CRITICAL : Severity.WARNING)) {
                report(
                        run,
                        now,
                        dead,
                        learning,
                        "died: no gradient for " + layers.longestZeroRun() + " steps",
                        reporter);
            }
        } else if (run.norm().count() >= patience && run.profile().isLossMeantToFall() && run.learned() < learns) {
            if (reporter.fires(Severity.WARNING)) {
                report(run, now, dead, learning, "never had a gradient, and the run does not learn", reporter);
            }
        } else if (reporter.notes()) {
            report(run, now, dead, learning, "never had a gradient: frozen on purpose?", reporter);
        }
    }

    private void report(RunState run, Observation now, int dead, int learning, String what, FindingReporter reporter) {
        List<String> names = new ArrayList<>();
        for (LayerNorms norms : now.layers()) {
            // By name: a step may leave layers out, or send them in another order.
            Layer layer = run.layers().named(norms.name());
            if (layer != null && layer.zeroRun() >= steps && !layer.isFrozen()) {
                names.add(norms.name());
            }
        }
        String which = names.size() > 3
                ? names.subList(0, 3).stream().reduce((a, b) -> a + ", " + b).orElse("") + " and " + (names.size() - 3)
                        + " more"
                : String.join(", ", names);
        reporter.report(AlertMessage.of(dead + " of " + learning + " layers " + what + " (" + which + ").")
                .with("observed", dead, "layers")
                .with("layers", learning, "layers")
                .with("window", run.layers().longestZeroRun(), "steps"));
    }
}

package dev.gradwatch.recorded.names;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.StepNorms;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The numbers that a log of scalars has for one place of a run, until they become an event for the step, one for an evaluation, or both.
 *
 * <p>Logs write them apart: one row or one event for the loss, the next for the norm, a later one for the evaluation. Whether a plain
 * {@code loss} is that of a step or the mean of an epoch is said by no name: it is an epoch's when it stands where an evaluation stands,
 * until once it stands alone. Reused; not thread-safe.
 */
public final class ScalarRow {

    private static final int MOST_METRICS = 64;
    private static final int MOST_LAYERS = 4096;
    private static final double HIGHEST_ACCURACY = 100.1;

    private Long step;
    private Double epoch;
    private Long timeMillis;
    private Double loss;
    private Double stepLoss;
    private Double epochLoss;
    private Double validationLoss;
    private Double testLoss;
    private Double trainParts;
    private Double validationParts;
    private Double accuracy;
    private Double epochAccuracy;
    private Double validationAccuracy;
    private Double testAccuracy;
    private Double learningRate;
    private Double gradientNorm;
    private final Map<String, Double> layers = new LinkedHashMap<>();
    private final Map<String, Double> metrics = new LinkedHashMap<>();
    private boolean stepwise;

    public Long step() {
        return step;
    }

    public Double epoch() {
        return epoch;
    }

    public void at(Long atStep, Double atEpoch) {
        step = atStep;
        epoch = atEpoch;
    }

    public void epoch(Double atEpoch) {
        epoch = atEpoch;
    }

    public void time(long millis) {
        timeMillis = millis;
    }

    public Long timeMillis() {
        return timeMillis;
    }

    /** Whether a plain loss was seen to be that of a step. */
    public boolean isStepwise() {
        return stepwise;
    }

    public void stepwise(boolean known) {
        stepwise = known;
    }

    /** Whether a counter of this name goes on over the epochs, whatever others there are. */
    public static boolean isGlobalStep(String label) {
        String name = label.toLowerCase(Locale.ROOT);
        return name.contains("global") || name.equals("_step") || name.contains("num_updates");
    }

    /** Whether the place has this number already, so that another one belongs to a later moment. */
    public boolean has(Scalar scalar) {
        return switch (scalar.quantity()) {
            case LOSS -> slotOfLoss(scalar) != null;
            case ACCURACY -> slotOfAccuracy(scalar) != null;
            case GRADIENT_NORM -> gradientNorm != null;
            case LAYER_GRADIENT_NORM -> layers.containsKey(scalar.label());
            case METRIC, NAMED_LOSS -> metrics.containsKey(scalar.label());
            default -> false;
        };
    }

    public void put(Scalar scalar, double value) {
        switch (scalar.quantity()) {
            case LOSS -> putLoss(scalar, value);
            case ACCURACY -> {
                if (value < 0 || value > HIGHEST_ACCURACY) {
                    putMetric(scalar, value);
                } else {
                    putAccuracy(scalar, value);
                }
            }
            case PART_OF_LOSS -> {
                if (scalar.isHeldOut()) {
                    validationParts = value + (validationParts == null ? 0 : validationParts);
                } else {
                    trainParts = value + (trainParts == null ? 0 : trainParts);
                }
                putMetric(scalar, value);
            }
            case LEARNING_RATE -> {
                // The first one where groups of parameters have one each.
                if (learningRate == null && !(value < 0)) {
                    learningRate = value;
                }
            }
            case GRADIENT_NORM -> {
                if (!(value < 0)) {
                    gradientNorm = value;
                }
            }
            case LAYER_GRADIENT_NORM -> {
                if (!(value < 0) && layers.size() < MOST_LAYERS) {
                    layers.put(scalar.label(), value);
                }
            }
            case METRIC, NAMED_LOSS -> putMetric(scalar, value);
            case STEP, EPOCH, TIME, PLANNED_STEPS, PLANNED_EPOCHS, NOTHING -> {}
        }
    }

    /**
     * The events of this place, in the order in which they happened, and forgets it.
     *
     * @param byEpoch whether the log counts epochs, so that every place is the end of one
     */
    public List<RunEvent> take(boolean byEpoch) {
        if (loss == null && stepLoss == null && epochLoss == null) {
            loss = trainParts;
        }
        validationLoss = first(first(validationLoss, testLoss), validationParts);
        validationAccuracy = first(validationAccuracy, testAccuracy);
        boolean evaluation = byEpoch
                || validationLoss != null
                || validationAccuracy != null
                || epochLoss != null
                || epochAccuracy != null;
        stepwise |= !evaluation && loss != null;
        boolean ofStep = step != null && (stepwise || !evaluation);
        List<RunEvent> events = new ArrayList<>(2);
        if (step != null) {
            Double lossOfStep = first(stepLoss, ofStep ? loss : null);
            Double normOfStep = ofStep || stepLoss != null ? gradientNorm : null;
            if (lossOfStep != null || normOfStep != null || !layers.isEmpty()) {
                events.add(new GradientNorms(List.of(new StepNorms(
                        step,
                        epoch,
                        null,
                        lossOfStep,
                        normOfStep,
                        learningRate,
                        layerNorms(),
                        evaluation ? Map.of() : Map.copyOf(metrics),
                        null))));
            }
        }
        if (evaluation && (epoch != null || step != null) && saysSomething()) {
            boolean apart = !events.isEmpty();
            events.add(new EpochCompleted(
                    epoch,
                    step,
                    first(epochLoss, ofStep ? null : loss),
                    validationLoss,
                    first(epochAccuracy, ofStep ? null : accuracy),
                    validationAccuracy,
                    learningRate,
                    apart ? null : gradientNorm,
                    Map.copyOf(metrics)));
        }
        clear();
        return events;
    }

    public void clear() {
        step = null;
        epoch = null;
        timeMillis = null;
        loss = null;
        stepLoss = null;
        epochLoss = null;
        validationLoss = null;
        testLoss = null;
        trainParts = null;
        validationParts = null;
        accuracy = null;
        epochAccuracy = null;
        validationAccuracy = null;
        testAccuracy = null;
        learningRate = null;
        gradientNorm = null;
        layers.clear();
        metrics.clear();
    }

    private boolean saysSomething() {
        return loss != null
                || epochLoss != null
                || validationLoss != null
                || accuracy != null
                || epochAccuracy != null
                || validationAccuracy != null
                || gradientNorm != null
                || learningRate != null
                || !metrics.isEmpty();
    }

    private List<LayerNorms> layerNorms() {
        List<LayerNorms> norms = new ArrayList<>(layers.size());
        layers.forEach((name, norm) -> norms.add(new LayerNorms(name, norm, null, null, null)));
        return norms;
    }

    private Double slotOfLoss(Scalar scalar) {
        return switch (scalar.part()) {
            case VALIDATION -> validationLoss;
            case TEST -> testLoss;
            case TRAINING, UNSAID ->
                switch (scalar.span()) {
                    case STEP -> stepLoss;
                    case EPOCH -> epochLoss;
                    case UNSAID -> loss;
                };
        };
    }

    private void putLoss(Scalar scalar, double value) {
        switch (scalar.part()) {
            case VALIDATION -> validationLoss = scalar.span() == Scalar.Span.STEP ? validationLoss : (Double) value;
            case TEST -> testLoss = scalar.span() == Scalar.Span.STEP ? testLoss : (Double) value;
            case TRAINING, UNSAID -> {
                switch (scalar.span()) {
                    case STEP -> stepLoss = value;
                    case EPOCH -> epochLoss = value;
                    case UNSAID -> loss = value;
                }
            }
        }
    }

    private Double slotOfAccuracy(Scalar scalar) {
        return switch (scalar.part()) {
            case VALIDATION -> validationAccuracy;
            case TEST -> testAccuracy;
            case TRAINING, UNSAID -> scalar.span() == Scalar.Span.EPOCH ? epochAccuracy : accuracy;
        };
    }

    private void putAccuracy(Scalar scalar, double value) {
        if (scalar.span() == Scalar.Span.STEP) {
            return;
        }
        switch (scalar.part()) {
            case VALIDATION -> validationAccuracy = value;
            case TEST -> testAccuracy = value;
            case TRAINING, UNSAID -> {
                if (scalar.span() == Scalar.Span.EPOCH) {
                    epochAccuracy = value;
                } else {
                    accuracy = value;
                }
            }
        }
    }

    private void putMetric(Scalar scalar, double value) {
        if (metrics.size() < MOST_METRICS && scalar.label().length() <= 1024) {
            metrics.put(scalar.label(), value);
        }
    }

    private static Double first(Double one, Double other) {
        return one == null ? other : one;
    }
}

package dev.gradwatch.detection.event;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes of an event as it was published or read from a log one that keeps {@link EventLimits}: a value that cannot be costs its field, a text
 * or a list that is too long is cut, and what was left out is noted in {@link RunRecord#ignored}. An event that lacks what it cannot do
 * without is refused. Who reads events, from wherever, sends them through here: the core relies on it, and backtest and service see the same.
 *
 * <p>An event within its limits is returned as it is.
 */
public final class EventSanitizer {

    /** Made with the first note: most events are within their limits. */
    private Map<EventField, IgnoredField> ignored = Map.of();

    private int times;

    private EventSanitizer() {}

    /**
     * The record within its limits.
     *
     * @throws ImpossibleEventException when nothing of it can be used; the message names field and value
     */
    public static RunRecord sanitize(RunRecord raw) throws ImpossibleEventException {
        if (raw.attempt() < 1) {
            throw ImpossibleEventException.of("attempt", raw.attempt(), "1 or more");
        }
        if (raw.timeMillis() <= 0) {
            throw ImpossibleEventException.of("event_time", raw.timeMillis() + " ms", "after 1970-01-01 UTC");
        }
        EventSanitizer sanitizer = new EventSanitizer();
        RunEvent event = sanitizer.event(raw.event());
        if (sanitizer.ignored.isEmpty()) {
            return raw;
        }
        raw.ignored().forEach(sanitizer::add);
        return new RunRecord(
                raw.runId(),
                raw.attempt(),
                raw.timeMillis(),
                event,
                sanitizer.ignored.values().stream().toList());
    }

    /**
     * The record with times that can be: an event time more than a day ahead of when the record was written is replaced by that, and the
     * time of a step by the record's.
     *
     * @param writtenMillis when the record was written by a clock that can be trusted, milliseconds since 1970 UTC
     */
    public static RunRecord withBoundedTimes(RunRecord record, long writtenMillis) {
        long latest = Math.min(writtenMillis + EventLimits.AHEAD_MILLIS, (long) EventLimits.TIME.most());
        EventSanitizer sanitizer = new EventSanitizer();
        long time = record.timeMillis();
        if (time > latest) {
            sanitizer.ignore(EventField.EVENT_TIME, time + " ms, more than a day ahead of the record's own time");
            time = writtenMillis;
        }
        RunEvent event = record.event();
        if (event instanceof GradientNorms norms) {
            event = sanitizer.stepTimes(norms, latest);
        }
        if (sanitizer.ignored.isEmpty()) {
            return record;
        }
        record.ignored().forEach(sanitizer::add);
        return new RunRecord(
                record.runId(),
                record.attempt(),
                time,
                event,
                sanitizer.ignored.values().stream().toList());
    }

    private RunEvent stepTimes(GradientNorms norms, long latest) {
        boolean within = true;
        for (int i = 0; i < norms.steps().size(); i++) {
            Long millis = norms.steps().get(i).timeMillis();
            within &= millis == null || millis <= latest;
        }
        if (within) {
            return norms;
        }
        List<StepNorms> steps = new ArrayList<>(norms.steps().size());
        for (StepNorms step : norms.steps()) {
            boolean keeps = step.timeMillis() == null || step.timeMillis() <= latest;
            if (!keeps) {
                ignore(
                        EventField.STEPS_EVENT_TIME,
                        step.timeMillis() + " ms, more than a day ahead of the record's own time");
            }
            steps.add(keeps ? step : step.withoutTime());
        }
        return new GradientNorms(steps);
    }

    private RunEvent event(RunEvent event) throws ImpossibleEventException {
        // By how often each comes.
        if (event instanceof GradientNorms norms) {
            return gradientNorms(norms);
        }
        if (event instanceof EpochCompleted epoch) {
            return epochCompleted(epoch);
        }
        if (event instanceof Heartbeat heartbeat) {
            Long step = number(EventField.HEARTBEAT_STEP, heartbeat.step());
            return new Heartbeat(step, text(EventField.STATUS, heartbeat.status()));
        }
        if (event instanceof RunStarted started) {
            return runStarted(started);
        }
        if (event instanceof RunFinished finished) {
            return new RunFinished(finished.outcome(), text(EventField.REASON, finished.reason()));
        }
        return event;
    }

    private GradientNorms gradientNorms(GradientNorms norms) throws ImpossibleEventException {
        if (norms.steps().isEmpty()) {
            throw ImpossibleEventException.of("steps", "empty", "1 to " + EventLimits.STEPS + " steps");
        }
        List<StepNorms> given = firstOf(EventField.STEPS, norms.steps(), EventLimits.STEPS);
        List<StepNorms> steps = new ArrayList<>();
        int before = times;
        long previous = -1;
        int layers = 0;
        for (int i = 0; i < given.size(); i++) {
            StepNorms step = given.get(i);
            if (!EventLimits.STEP.allows(step.step())) {
                throw ImpossibleEventException.of("steps.step", step.step(), EventLimits.STEP);
            }
            if (step.step() <= previous) {
                throw ImpossibleEventException.of("steps.step", step.step() + " after " + previous, "rising");
            }
            previous = step.step();
            StepNorms kept = step(step, EventLimits.LAYERS_OF_ALL_STEPS - layers);
            layers += kept.layers().size();
            steps.add(kept);
        }
        return times == before && given.size() == norms.steps().size() ? norms : new GradientNorms(steps);
    }

    private StepNorms step(StepNorms step, int layersLeft) {
        int before = times;
        Double epoch = number(EventField.STEPS_EPOCH, step.epoch());
        Long time = number(EventField.STEPS_EVENT_TIME, step.timeMillis());
        Double norm = number(EventField.STEPS_GRADIENT_NORM, step.gradientNorm());
        Double rate = number(EventField.STEPS_LEARNING_RATE, step.learningRate());
        List<LayerNorms> layers = layers(step.layers(), Math.min(EventLimits.LAYERS, layersLeft));
        Map<String, Double> metrics = entries(EventField.STEPS_METRICS, step.metrics(), EventLimits.METRICS);
        RankNorms ranks = ranks(step.rankNorms());
        return times == before
                ? step
                : new StepNorms(step.step(), epoch, time, step.loss(), norm, rate, layers, metrics, ranks);
    }

    private RankNorms ranks(RankNorms ranks) {
        if (ranks == null) {
            return null;
        }
        boolean possible = EventLimits.MEASURED.allows(ranks.min())
                && EventLimits.MEASURED.allows(ranks.max())
                && ranks.rank() >= 0
                && !(ranks.min() > ranks.max());
        if (!possible) {
            ignore(EventField.RANK_NORMS, ranks.min() + " to " + ranks.max() + " at rank " + ranks.rank());
        }
        return possible ? ranks : null;
    }

    private List<LayerNorms> layers(List<LayerNorms> all, int most) {
        List<LayerNorms> given = firstOf(EventField.STEPS_LAYERS, all, most);
        int before = times;
        List<LayerNorms> layers = new ArrayList<>(given.size());
        for (int i = 0; i < given.size(); i++) {
            LayerNorms layer = given.get(i);
            if (isName(EventField.STEPS_LAYERS, layer.name())) {
                layers.add(layer(layer));
            }
        }
        return times == before ? given : layers;
    }

    private LayerNorms layer(LayerNorms layer) {
        int before = times;
        Double gradient = number(EventField.LAYER_GRADIENT_NORM, layer.gradientNorm());
        Double zeros = number(EventField.ZERO_FRACTION, layer.zeroFraction());
        Double weight = number(EventField.WEIGHT_NORM, layer.weightNorm());
        Double update = number(EventField.UPDATE_NORM, layer.updateNorm());
        return times == before ? layer : new LayerNorms(layer.name(), gradient, zeros, weight, update);
    }

    private EpochCompleted epochCompleted(EpochCompleted epoch) throws ImpossibleEventException {
        Double place = number(EventField.EPOCH, epoch.epoch());
        Long step = number(EventField.STEP, epoch.step());
        if (place == null && step == null) {
            throw ImpossibleEventException.of(
                    "epoch",
                    (epoch.epoch() == null ? "absent" : epoch.epoch()) + ", and step is "
                            + (epoch.step() == null ? "absent" : epoch.step()),
                    EventLimits.EPOCH + ", or step must be " + EventLimits.STEP);
        }
        return new EpochCompleted(
                place,
                step,
                epoch.trainLoss(),
                epoch.validationLoss(),
                number(EventField.TRAIN_ACCURACY, epoch.trainAccuracy()),
                number(EventField.VALIDATION_ACCURACY, epoch.validationAccuracy()),
                number(EventField.LEARNING_RATE, epoch.learningRate()),
                number(EventField.GRADIENT_NORM, epoch.gradientNorm()),
                entries(EventField.METRICS, epoch.metrics(), EventLimits.METRICS));
    }

    private RunStarted runStarted(RunStarted started) {
        Map<String, String> tags = new HashMap<>();
        entries(EventField.TAGS, started.tags(), EventLimits.TAGS)
                .forEach((name, value) -> tags.put(name, text(EventField.TAGS, value)));
        return started.toBuilder()
                .name(text(EventField.NAME, started.name()))
                .project(text(EventField.PROJECT, started.project()))
                .team(text(EventField.TEAM, started.team()))
                .cluster(text(EventField.CLUSTER, started.cluster()))
                .group(text(EventField.GROUP, started.group()))
                .profile(text(EventField.PROFILE, started.profile()))
                .loss(text(EventField.LOSS, started.loss()))
                .outputActivation(text(EventField.OUTPUT_ACTIVATION, started.outputActivation()))
                .outputUnits(number(EventField.OUTPUT_UNITS, started.outputUnits()))
                .classes(number(EventField.CLASSES, started.classes()))
                .optimizer(text(EventField.OPTIMIZER, started.optimizer()))
                .learningRate(number(EventField.BASE_LEARNING_RATE, started.learningRate()))
                .warmupSteps(number(EventField.WARMUP_STEPS, started.warmupSteps()))
                .clipThreshold(number(EventField.CLIP_THRESHOLD, started.clipThreshold()))
                .batchSize(number(EventField.BATCH_SIZE, started.batchSize()))
                .stepsPerEpoch(number(EventField.STEPS_PER_EPOCH, started.stepsPerEpoch()))
                .plannedEpochs(number(EventField.PLANNED_EPOCHS, started.plannedEpochs()))
                .plannedSteps(number(EventField.PLANNED_STEPS, started.plannedSteps()))
                .layers(describedLayers(started.layers()))
                .lowerIsBetter(names(EventField.LOWER_IS_BETTER, started.lowerIsBetter()))
                .stopOn(names(EventField.STOP_ON, started.stopOn()))
                .tags(tags)
                .findings(names(EventField.FINDINGS, started.findings()))
                .epochNumbering(text(EventField.EPOCH_NUMBERING, started.epochNumbering()))
                .publisher(text(EventField.PUBLISHER, started.publisher()))
                .build();
    }

    private List<RunStarted.LayerDescription> describedLayers(List<RunStarted.LayerDescription> all) {
        List<RunStarted.LayerDescription> layers = new ArrayList<>();
        for (RunStarted.LayerDescription layer : firstOf(EventField.LAYERS, all, EventLimits.LAYERS)) {
            if (isName(EventField.LAYERS, layer.name())) {
                Long parameters = number(EventField.LAYER_PARAMETERS, layer.parameters());
                layers.add(new RunStarted.LayerDescription(layer.name(), parameters, layer.frozen()));
            }
        }
        return layers;
    }

    private List<String> names(EventField field, List<String> all) {
        List<String> names = new ArrayList<>();
        for (String name : firstOf(field, all, EventLimits.NAMES)) {
            if (isName(field, name)) {
                names.add(name);
            }
        }
        return names;
    }

    /** Sorted by name before it is cut, so that what is kept does not depend on a map's order. */
    private <V> Map<String, V> entries(EventField field, Map<String, V> all, int most) {
        if (all.isEmpty()) {
            return all;
        }
        Map<String, V> entries = new LinkedHashMap<>();
        Map<String, V> ordered = all.size() <= most ? all : new TreeMap<>(all);
        if (all.size() > most) {
            ignore(field, all.size() + " entries, at most " + most + " are kept");
        }
        for (Map.Entry<String, V> entry : ordered.entrySet()) {
            if (entries.size() == most) {
                break;
            }
            if (isName(field, entry.getKey())) {
                entries.put(entry.getKey(), entry.getValue());
            }
        }
        return entries;
    }

    private <E> List<E> firstOf(EventField field, List<E> all, int most) {
        if (all.size() <= most) {
            return all;
        }
        ignore(field, all.size() + " entries, at most " + most + " are kept");
        return all.subList(0, most);
    }

    /** What identifies something may not be cut: two might become one. */
    private boolean isName(EventField field, String name) {
        if (name.length() <= EventLimits.TEXT_CHARACTERS) {
            return true;
        }
        ignore(field, "a name of " + name.length() + " characters, at most " + EventLimits.TEXT_CHARACTERS);
        return false;
    }

    private String text(EventField field, String text) {
        String kept = EventLimits.cut(text);
        if (kept != null && kept.length() < text.length()) {
            ignore(field, "a text of " + text.length() + " characters, cut at " + EventLimits.TEXT_CHARACTERS);
        }
        return kept;
    }

    private <N extends Number> N number(EventField field, N value) {
        if (value == null || field.range().allows(value.doubleValue())) {
            return value;
        }
        ignore(field, value + ", must be " + field.range());
        return null;
    }

    private void ignore(EventField field, String what) {
        add(new IgnoredField(field, 1, what));
    }

    private void add(IgnoredField more) {
        times++;
        if (ignored.isEmpty()) {
            ignored = new EnumMap<>(EventField.class);
        }
        ignored.merge(
                more.field(),
                more,
                (first, next) -> new IgnoredField(first.field(), first.times() + next.times(), first.what()));
    }
}

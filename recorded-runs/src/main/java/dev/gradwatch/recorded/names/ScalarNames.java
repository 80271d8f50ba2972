package dev.gradwatch.recorded.names;

import dev.gradwatch.recorded.names.Scalar.Part;
import dev.gradwatch.recorded.names.Scalar.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Understands the names under which logs keep their numbers: {@code val_loss}, {@code Loss/train}, {@code epoch_accuracy},
 * {@code grad_2.0_norm_total}. A name is cut into words; some words say on which samples, some over what, and the rest what it is. The
 * table for people stands in {@code docs/recorded-runs.md}.
 */
public final class ScalarNames {

    private static final Pattern LIGHTNING_NORM = Pattern.compile("grad_2(?:\\.0)?_norm(_total|/.+)");
    private static final Pattern LAYER_NORM = Pattern.compile("(?:grad_norm|gradient_norm|grad_norms)/(.+)");
    private static final Pattern CAMEL_CASE = Pattern.compile("(?<=[a-z])(?=[A-Z])");
    private static final Pattern GLUED = Pattern.compile(
            "(?<![a-z])(train|training|valid|val|validation|test|eval)(?=(?:loss|acc|accuracy)(?![a-z]))");
    private static final Pattern EXPORT_OF_RUN = Pattern.compile("^.{1,256}? - (?=\\S)");
    private static final Pattern BETWEEN_WORDS = Pattern.compile("[^\\p{Alnum}.]+|\\.(?!\\d)|(?<!\\d)\\.");

    private static final Map<String, Part> PARTS = Map.ofEntries(
            Map.entry("train", Part.TRAINING),
            Map.entry("training", Part.TRAINING),
            Map.entry("val", Part.VALIDATION),
            Map.entry("valid", Part.VALIDATION),
            Map.entry("validation", Part.VALIDATION),
            Map.entry("eval", Part.VALIDATION),
            Map.entry("evaluation", Part.VALIDATION),
            Map.entry("dev", Part.VALIDATION),
            Map.entry("test", Part.TEST));
    private static final Map<String, Span> SPANS = Map.of(
            "epoch", Span.EPOCH, "step", Span.STEP, "batch", Span.STEP, "iter", Span.STEP, "iteration", Span.STEP);
    private static final Set<String> FILLING =
            Set.of("avg", "average", "mean", "running", "value", "data", "metrics", "losses");

    private static final Set<String> STEPS = Set.of(
            "step",
            "steps",
            "global_step",
            "trainer_global_step",
            "train_global_step",
            "current_steps",
            "iteration",
            "iterations",
            "iter",
            "iters",
            "itr",
            "it",
            "num_updates",
            "update_step",
            "training_step",
            "train_step");
    private static final Set<String> EPOCHS =
            Set.of("epoch", "epochs", "ep", "train_epoch", "trainer_epoch", "current_epoch");
    private static final Set<String> PLANNED_STEPS =
            Set.of("total_steps", "max_steps", "max_iters", "total_iterations");
    private static final Set<String> PLANNED_EPOCHS =
            Set.of("total_epochs", "max_epochs", "num_train_epochs", "num_epochs");
    private static final Set<String> TIMES = Set.of("time", "timestamp", "wall_time");
    private static final Set<String> LOSSES =
            Set.of("loss", "losses", "total_loss", "loss_total", "lm_loss", "objective", "cost");
    private static final Set<String> LOSS_PARTS =
            Set.of("box_loss", "cls_loss", "dfl_loss", "obj_loss", "seg_loss", "pose_loss", "kobj_loss", "angle_loss");
    private static final Set<String> ACCURACIES = Set.of(
            "accuracy",
            "acc",
            "categorical_accuracy",
            "sparse_categorical_accuracy",
            "binary_accuracy",
            "top1",
            "top1_acc",
            "acc1",
            "acc_1",
            "top_1",
            "accuracy_top1",
            "mean_token_accuracy",
            "metrics_accuracy_top1");
    private static final Set<String> NORMS = Set.of(
            "grad_norm",
            "gradient_norm",
            "global_norm",
            "global_grad_norm",
            "grad_global_norm",
            "grad_norm_total",
            "total_grad_norm",
            "total_norm",
            "gnorm",
            "norm",
            "optim_total_grad_norm",
            "actor_grad_norm",
            "actor_grad_norm_total");
    private static final Set<String> WHOLE_MODEL = Set.of("total", "global", "all");

    /** Words of what a log keeps about the machine and not about the run. */
    private static final Set<String> BESIDES = Set.of(
            "runtime",
            "second",
            "seconds",
            "sec",
            "time",
            "timestamp",
            "duration",
            "eta",
            "fps",
            "flos",
            "memory",
            "mem",
            "gpu",
            "tokens",
            "hp",
            "vs",
            "best",
            "elapsed",
            "remaining",
            "throughput",
            "wall",
            "percentage");

    private ScalarNames() {}

    /**
     * What a name stands for.
     *
     * @param where the samples, where the name's surroundings say so, such as a folder called {@code validation}
     */
    public static Scalar read(String name, Part where) {
        String label = EXPORT_OF_RUN.matcher(name.strip()).replaceFirst("");
        if (label.endsWith("__MIN") || label.endsWith("__MAX")) {
            // Of the samples behind one point of a chart that was exported.
            return new Scalar(Quantity.NOTHING, where, Span.UNSAID, label);
        }
        Scalar norm = norm(label, where);
        if (norm != null) {
            return norm;
        }
        List<String> words = words(label);
        String all = String.join("_", words);
        Quantity place = place(all);
        if (place != null) {
            return new Scalar(place, where, Span.UNSAID, label);
        }
        Part part = Part.UNSAID;
        Span span = Span.UNSAID;
        List<String> rest = new ArrayList<>();
        for (String word : words) {
            if (PARTS.containsKey(word)) {
                part = part.isHeldOut() ? part : PARTS.get(word);
            } else if (SPANS.containsKey(word)) {
                span = SPANS.get(word);
            } else if (!FILLING.contains(word)) {
                rest.add(word);
            }
        }
        part = part == Part.UNSAID ? where : part;
        // "train/train_loss" is what one trainer calls its summary of the whole training.
        String measure = rest.isEmpty() && words.contains("losses") ? "losses" : String.join("_", rest);
        if (measure.equals("num_updates")) {
            return new Scalar(Quantity.STEP, where, Span.UNSAID, label);
        }
        Quantity meaning = all.startsWith("train_train_") || words.stream().anyMatch(BESIDES::contains)
                ? Quantity.NOTHING
                : meaning(measure, part);
        return new Scalar(meaning, part, span, meaning == Quantity.METRIC ? metricLabel(label, where) : label);
    }

    /**
     * The samples that the last word of a name says, as in {@code validation} or {@code loss_val}; {@link Part#UNSAID} when it says
     * anything else.
     */
    public static Part partOf(String name) {
        List<String> words = words(name);
        return words.isEmpty() ? Part.UNSAID : PARTS.getOrDefault(words.get(words.size() - 1), Part.UNSAID);
    }

    public static boolean isOneWord(String name) {
        return words(name).size() == 1;
    }

    private static Scalar norm(String label, Part where) {
        String lower = label.toLowerCase(Locale.ROOT);
        Matcher lightning = LIGHTNING_NORM.matcher(lower);
        if (lightning.matches()) {
            return lightning.group(1).equals("_total")
                    ? new Scalar(Quantity.GRADIENT_NORM, where, Span.UNSAID, label)
                    : layer(label.substring(lightning.start(1) + 1), where);
        }
        Matcher layer = LAYER_NORM.matcher(lower);
        if (!layer.matches()) {
            return null;
        }
        return WHOLE_MODEL.contains(layer.group(1))
                ? new Scalar(Quantity.GRADIENT_NORM, where, Span.UNSAID, label)
                : layer(label.substring(layer.start(1)), where);
    }

    private static Scalar layer(String name, Part where) {
        return new Scalar(Quantity.LAYER_GRADIENT_NORM, where, Span.STEP, name);
    }

    private static Quantity place(String all) {
        if (STEPS.contains(all)) {
            return Quantity.STEP;
        }
        if (EPOCHS.contains(all)) {
            return Quantity.EPOCH;
        }
        if (PLANNED_STEPS.contains(all)) {
            return Quantity.PLANNED_STEPS;
        }
        if (PLANNED_EPOCHS.contains(all)) {
            return Quantity.PLANNED_EPOCHS;
        }
        return TIMES.contains(all) ? Quantity.TIME : null;
    }

    private static Quantity meaning(String measure, Part part) {
        if (LOSSES.contains(measure)) {
            return Quantity.LOSS;
        }
        if (ACCURACIES.contains(measure)) {
            return Quantity.ACCURACY;
        }
        if (LOSS_PARTS.contains(measure) && part != Part.UNSAID) {
            return Quantity.PART_OF_LOSS;
        }
        if (NORMS.contains(measure)) {
            return Quantity.GRADIENT_NORM;
        }
        if (measure.equals("lr") || measure.startsWith("lr_") || measure.startsWith("learning_rate")) {
            return Quantity.LEARNING_RATE;
        }
        if (measure.endsWith("_loss")) {
            return Quantity.NAMED_LOSS;
        }
        return measure.isEmpty() ? Quantity.NOTHING : Quantity.METRIC;
    }

    /** As Keras would call it in a CSV file, where it takes the samples from the folder. */
    private static String metricLabel(String label, Part where) {
        String plain = label.startsWith("epoch_") ? label.substring("epoch_".length()) : label;
        return where.isHeldOut() ? "val_" + plain : plain;
    }

    private static List<String> words(String label) {
        String separate = CAMEL_CASE.matcher(label).replaceAll("_").toLowerCase(Locale.ROOT);
        String unglued = GLUED.matcher(separate).replaceAll("$1_");
        return Arrays.stream(BETWEEN_WORDS.split(unglued))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** A name without the words that say on which samples and over what: {@code ctc_loss} of {@code val/ctc_loss_epoch}. */
    static String measure(String name) {
        List<String> rest = words(EXPORT_OF_RUN.matcher(name.strip()).replaceFirst("")).stream()
                .filter(word -> !PARTS.containsKey(word) && !SPANS.containsKey(word) && !FILLING.contains(word))
                .toList();
        return String.join("_", rest);
    }
}

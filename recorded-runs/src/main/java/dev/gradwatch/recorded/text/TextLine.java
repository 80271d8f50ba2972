package dev.gradwatch.recorded.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.gradwatch.recorded.jsonrows.JsonNumbers;
import dev.gradwatch.recorded.names.NameTable;
import dev.gradwatch.recorded.names.Quantity;
import dev.gradwatch.recorded.names.Scalar;
import dev.gradwatch.recorded.names.Scalar.Part;
import dev.gradwatch.recorded.rows.Row;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The numbers of one line of a text log. Shapes, each with a name before its number: {@code loss: 0.31}, {@code loss=0.31}, and, of names
 * that are known, {@code loss 0.31}; {@code Epoch 3/10}; {@code Epoch: [3][100/5005]}; printed dictionaries and JSON objects.
 */
final class TextLine {

    private static final String NUMBER = "[-+]?(?:\\d[\\d,]*\\.?\\d*(?:[eE][-+]?\\d+)?|\\.\\d+|(?i:nan|inf|infinity))";

    private static final Pattern ESCAPES = Pattern.compile("\u001b\\[[0-9;?]*[A-Za-z]|[\\x08]+");

    /** {@code Epoch: [3][ 100/5005]}, {@code Epoch: [3]  [ 100/5005]}, {@code Train Epoch: 3 [6400/60000 (11%)]}, {@code Epoch [3/10], Step [1/6]}. */
    private static final Pattern EPOCH_AND_BATCH = Pattern.compile(
            "(?i)\\bepoch:?\\s*(?:\\[\\s*(\\d+)\\s*]|(\\d+))\\s*:?\\s*\\[\\s*(\\d+)\\s*/\\s*(\\d+)[^\\]]*]");

    private static final Pattern IN_BRACKETS =
            Pattern.compile("(?i)\\b(epoch|step|iter|iteration|batch):?\\s*\\[\\s*(\\d+)\\s*(?:/\\s*(\\d+)\\s*)?]");
    private static final Pattern EVALUATION_AT =
            Pattern.compile("(?i)\\b(?:validation|evaluation|test)\\b[\\w ]{0,20}\\bat (iteration|step|epoch) (\\d+)");
    private static final Pattern IN_PARENTHESES = Pattern.compile("\\(\\s*" + NUMBER + "\\s*%?\\s*\\)");
    private static final Pattern QUOTED =
            Pattern.compile("[\"']([^\"'{}:]{1,100})[\"']\\s*:\\s*[\"']?(" + NUMBER + ")[\"']?(?=\\s*[,}\\]])");
    private static final Pattern PAIR =
            Pattern.compile("([A-Za-z_][\\w./@%-]*(?: [A-Za-z@][\\w./@-]*){0,3})(?: ?\\([\\w/ ]{1,12}\\))?"
                    + "(\\s*[:=]\\s*|\\s+)(" + NUMBER + ")(?:\\s*/\\s*(\\d+))?(?=[\\s,;|\\])>}%:]|$)");
    private static final Pattern BEGINS_VALIDATION = Pattern.compile(
            "(?i)\\b(?:start|begin|running)\\w*\\b.{0,20}\\b(?:validation|validating|evaluation|evaluating)\\b");
    private static final Pattern BEGINS_TRAINING =
            Pattern.compile("(?i)\\b(?:start|begin|running)\\w*\\b.{0,20}\\btrain(?:ing)?\\b");
    private static final Pattern OF_EVALUATION =
            Pattern.compile("(?i)\\b(?:val|valid|validation|eval|evaluation|test|dev)\\b");

    /** Words before the name of a place, as in {@code after epoch 3}. */
    private static final Set<String> BEFORE_A_PLACE = Set.of(
            "after",
            "at",
            "end",
            "of",
            "in",
            "on",
            "the",
            "info",
            "debug",
            "train",
            "training",
            "finished",
            "completed",
            "rank",
            "main",
            "done",
            "global",
            "val",
            "valid",
            "validation",
            "eval",
            "test",
            "results",
            "for");

    private static final int LONGEST = 20_000;

    private final NameTable names;
    private double plannedSteps = Double.NaN;
    private double plannedEpochs = Double.NaN;
    private boolean countsEpochs;

    TextLine(NameTable names) {
        this.names = names;
    }

    /** Whether a line says that a validation or the training begins; {@code null} when it says neither. */
    static Part phaseBegun(String line) {
        if (BEGINS_VALIDATION.matcher(line).find()) {
            return Part.VALIDATION;
        }
        return BEGINS_TRAINING.matcher(line).find() ? Part.UNSAID : null;
    }

    double plannedSteps() {
        return plannedSteps;
    }

    double plannedEpochs() {
        return plannedEpochs;
    }

    /** The numbers of the line; empty for a line without any. */
    Row read(String line) {
        if (line.length() > LONGEST) {
            return new Row(Map.of(), Part.UNSAID);
        }
        // Of a progress bar only what stood there last counts.
        String text = ESCAPES.matcher(line.substring(line.lastIndexOf('\r', line.length() - 2) + 1))
                .replaceAll(" ");
        int brace = text.indexOf('{');
        if (brace >= 0 && text.indexOf('}', brace) > 0) {
            Row row = braces(text.substring(brace, text.lastIndexOf('}') + 1), text.substring(0, brace));
            if (!row.numbers().isEmpty()) {
                return row;
            }
        }
        return pairs(text);
    }

    private Row braces(String object, String before) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        if (object.startsWith("{\"")) {
            try {
                Row row = JsonNumbers.parse(object);
                if (row != null) {
                    return new Row(
                            row.numbers(), row.where() == Part.UNSAID ? where(before, row.numbers()) : row.where());
                }
            } catch (JsonProcessingException e) {
                // A dictionary as Python prints it.
            }
        }
        Matcher quoted = QUOTED.matcher(object);
        while (quoted.find()) {
            numbers.put(quoted.group(1), number(quoted.group(2)));
        }
        return new Row(numbers, Part.UNSAID);
    }

    private Row pairs(String line) {
        String text = EPOCH_AND_BATCH.matcher(line).replaceFirst("epoch=$1$2, step=$3 / $4, ");
        text = EVALUATION_AT.matcher(text).replaceFirst("validation, $1=$2, ");
        text = IN_BRACKETS
                .matcher(text)
                .replaceAll(found -> found.group(1) + "=" + found.group(2)
                        + (found.group(3) == null ? "" : "/" + found.group(3)) + " ");
        text = IN_PARENTHESES.matcher(text).replaceAll(" ");
        Map<String, Double> numbers = new LinkedHashMap<>();
        Matcher pair = PAIR.matcher(text);
        int from = 0;
        while (pair.find(from)) {
            String name = known(pair.group(1));
            Quantity quantity = names.read(name, Part.UNSAID).quantity();
            boolean assigned = !pair.group(2).isBlank();
            boolean taken = quantity != Quantity.NOTHING
                    && (assigned || (quantity != Quantity.METRIC && quantity != Quantity.TIME))
                    && !name.toLowerCase(Locale.ROOT).endsWith(".py");
            if (taken) {
                put(numbers, name, quantity, number(pair.group(3)), pair.group(4));
            }
            from = taken || assigned ? pair.end() : Math.max(pair.start() + 1, pair.end(1));
        }
        return new Row(numbers, where(text, numbers));
    }

    private void put(Map<String, Double> numbers, String name, Quantity quantity, double value, String total) {
        double of = total == null ? Double.NaN : Double.parseDouble(total);
        if (quantity == Quantity.STEP) {
            // Beside an epoch it may be the number of steps in one.
            plannedSteps = countsEpochs ? Double.NaN : Double.isNaN(plannedSteps) ? of : plannedSteps;
        } else if (quantity == Quantity.EPOCH) {
            countsEpochs = true;
            plannedSteps = Double.NaN;
            plannedEpochs = Double.isNaN(plannedEpochs) ? of : plannedEpochs;
        }
        boolean share = quantity == Quantity.ACCURACY && of > 0;
        numbers.putIfAbsent(name, share ? value / of : value);
    }

    /** The name, without words that only lead up to the name of a place. */
    private String known(String phrase) {
        if (names.read(phrase, Part.UNSAID).quantity() != Quantity.METRIC) {
            return phrase;
        }
        List<String> words = List.of(phrase.split(" "));
        for (int i = 1; i < words.size(); i++) {
            if (!BEFORE_A_PLACE.contains(words.get(i - 1).toLowerCase(Locale.ROOT))) {
                return phrase;
            }
            String rest = String.join(" ", words.subList(i, words.size()));
            if (names.read(rest, Part.UNSAID).quantity() != Quantity.METRIC) {
                return rest;
            }
        }
        return phrase;
    }

    /** A line that says of itself that it is of an evaluation says so of all its numbers that say nothing else. */
    private Part where(String text, Map<String, Double> numbers) {
        Matcher said = OF_EVALUATION.matcher(text);
        if (!said.find()) {
            return Part.UNSAID;
        }
        boolean apart = numbers.keySet().stream()
                .map(name -> names.read(name, Part.UNSAID))
                .map(Scalar::part)
                .anyMatch(part -> part != Part.UNSAID);
        return apart
                ? Part.UNSAID
                : said.group().toLowerCase(Locale.ROOT).startsWith("t") ? Part.TEST : Part.VALIDATION;
    }

    static double number(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "nan", "+nan", "-nan" -> Double.NaN;
            case "inf", "+inf", "infinity", "+infinity" -> Double.POSITIVE_INFINITY;
            case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text.replace(",", ""));
        };
    }
}

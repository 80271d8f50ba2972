package dev.gradwatch.recorded.jsonrows;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gradwatch.recorded.names.Scalar.Part;
import dev.gradwatch.recorded.names.ScalarNames;
import dev.gradwatch.recorded.rows.Row;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The numbers of a JSON object as a row: nested objects give their names a prefix, texts of numbers are numbers, lists are left out. */
public final class JsonNumbers {

    static final ObjectReader JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(100).build())
                    .build())
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build()
            .reader();

    /** Under which programs say whether a row is of the training or of the validation. */
    private static final Set<String> MODES = Set.of("mode", "phase", "split", "stage", "subset");

    private static final int DEEPEST = 4;
    private static final int MOST = 4096;

    private JsonNumbers() {}

    /** {@code null} when the text is no JSON object. */
    public static Row parse(String text) throws JsonProcessingException {
        JsonNode node = JSON.readTree(text);
        return node != null && node.isObject() ? row(node) : null;
    }

    static Row row(JsonNode object) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        collect(object, "", 0, numbers);
        Part where = Part.UNSAID;
        for (String mode : MODES) {
            JsonNode value = object.path(mode);
            if (value.isTextual()) {
                where = ScalarNames.partOf(value.textValue());
            }
        }
        return new Row(numbers, where);
    }

    private static void collect(JsonNode object, String prefix, int depth, Map<String, Double> into) {
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            JsonNode value = field.getValue();
            if (into.size() >= MOST) {
                return;
            }
            if (value.isNumber()) {
                into.put(prefix + field.getKey(), value.doubleValue());
            } else if (value.isTextual()) {
                Double number = number(value.textValue());
                if (number != null) {
                    into.put(prefix + field.getKey(), number);
                }
            } else if (value.isObject() && depth < DEEPEST) {
                collect(value, prefix + field.getKey() + "/", depth + 1, into);
            }
        }
    }

    private static Double number(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "nan" -> Double.NaN;
            case "inf", "+inf", "infinity", "+infinity" -> Double.POSITIVE_INFINITY;
            case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
            default -> plain(text.strip());
        };
    }

    private static Double plain(String text) {
        if (text.isEmpty() || text.length() > 40 || !Character.isDigit(text.charAt(text.length() - 1))) {
            return null;
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
